#!/usr/bin/env python3
"""Writes NormalizationTables.swift and GraphemeTables.swift in Sources/VignetteTokenizers/Unicode by asking Hugging Face's
`tokenizers` about every code point.

Where grapheme clusters end can't be asked for directly. A character map that rewrites one short cluster shows it: the
rewriting happens where the cluster stands alone, and not where it is joined to its neighbour. The package `regex`, which
knows a later Unicode, tells apart the classes that behave alike.

    .venv/bin/pip install regex sentencepiece
    .venv/bin/python Fixtures/tokenizers/make_normalization_tables.py
"""
import io
import pathlib
import tempfile
import textwrap

import regex
import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import normalizers

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Sources/VignetteTokenizers/Unicode"
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
HANGUL = range(0xAC00, 0xD7A4)
GRAPHEME_CLASSES = ["control", "extend", "zwj", "regional", "prepend", "spacing", "l", "v", "t", "pictographic"]
CONJUNCT_CLASSES = ["consonant", "linker", "extend"]


def property_of(name):
    pattern = regex.compile(rf"\p{{{name}}}")
    return {c for c in CODE_POINTS if pattern.match(chr(c))}


def rewriting(source, target="Y"):
    """The function that rewrites one string, as sentencepiece compiles it and `tokenizers` applies it."""
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as rules:
        hexadecimal = (" ".join(f"{ord(c):X}" for c in text) for text in (source, target))
        rules.write("\t".join(hexadecimal) + "\n")
        rules.flush()
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(f"some text {i}" for i in range(50)), model_writer=model, vocab_size=60,
            hard_vocab_limit=False, normalization_rule_tsv=rules.name, minloglevel=2, num_threads=1)
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue())
    return normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap).normalize_str


def grapheme_classes():
    accented, marks, emoji = rewriting("a\u0308"), rewriting("\u0308\u0308"), rewriting("\u00a9\u200d")
    joined = {c for c in CODE_POINTS if accented(f"a\u0308{chr(c)}") != f"Y{chr(c)}"}
    controls = {c for c in CODE_POINTS if marks(f"{chr(c)}\u0308\u0308") == f"{chr(c)}Y"}
    prepended = {c for c in CODE_POINTS if accented(f"{chr(c)}a\u0308") != f"{chr(c)}Y"}
    pictographic = {c for c in CODE_POINTS if emoji(f"\u00a9\u200d{chr(c)}") != f"Y{chr(c)}"} - joined
    spacing = joined & property_of("GCB=SpacingMark")
    assert not controls & joined and not pictographic & prepended
    classes = dict.fromkeys(controls, "control") | dict.fromkeys(joined, "extend") | dict.fromkeys(spacing, "spacing")
    classes |= dict.fromkeys(prepended, "prepend") | dict.fromkeys(pictographic, "pictographic") | {0x200D: "zwj"}
    for name, value in [("regional", "Regional_Indicator"), ("l", "L"), ("v", "V"), ("t", "T")]:
        classes |= dict.fromkeys(property_of(f"GCB={value}"), name)
    return classes


def conjunct_classes():
    """Classes for the consonants that a virama joins."""
    letter = rewriting("\u0915\u0308")
    alone = lambda text: letter(text + "\u0915\u0308").endswith("Y")
    consonants = {c for c in property_of("InCB=Consonant") if not alone(chr(c) + "\u094d")}
    linkers = {c for c in property_of("InCB=Linker") if not alone("\u0915" + chr(c))}
    extends = {c for c in property_of("InCB=Extend") if not alone("\u0915\u094d" + chr(c))}
    return dict.fromkeys(extends, "extend") | dict.fromkeys(linkers, "linker") | dict.fromkeys(consonants, "consonant")


def class_table(classes, names):
    """Gap, length and class (from 1) of each run of equal classes."""
    numbers, end = [], 0
    for c in sorted(classes):
        value = names.index(classes[c]) + 1
        if numbers and c == end and value == numbers[-1]:
            numbers[-2] += 1
        else:
            numbers += [c - end, 1, value]
        end = c + 1
    return numbers


def range_table(code_points):
    """Gap and length of each run."""
    table = class_table(dict.fromkeys(code_points, "in"), ["in"])
    return [number for i, number in enumerate(table) if i % 3 != 2]


def compatibility_decompositions():
    """Gap, then how many code points NFKD makes of it, then these, where NFD makes something else."""
    nfd, nfkd = normalizers.NFD().normalize_str, normalizers.NFKD().normalize_str
    numbers, last = [], 0
    for c in CODE_POINTS:
        made = nfkd(chr(c))
        if made != nfd(chr(c)):
            numbers += [c - last, len(made), *map(ord, made)]
            last = c
    return numbers


def compositions():
    """Gap, then the two code points that compose to it."""
    nfd, nfc = normalizers.NFD().normalize_str, normalizers.NFC().normalize_str
    numbers, last = [], 0
    for c in CODE_POINTS:
        parts = nfd(chr(c))
        if c in HANGUL or len(parts) < 2 or nfc(parts) != chr(c):
            continue
        first = nfc(parts[:-1])
        assert len(first) == 1 and nfc(first + parts[-1]) == chr(c), hex(c)
        numbers += [c - last, ord(first), ord(parts[-1])]
        last = c
    return numbers


def write(name, comment, tables):
    source = [
        "// Made by Fixtures/tokenizers/make_normalization_tables.py: the Unicode data that Hugging Face's `tokenizers` uses.",
        f"// {comment}",
        f"enum {name} {{",
    ]
    for table, (comment, values) in tables.items():
        lines = textwrap.wrap(" ".join(map(str, values)), 104)
        source += [f"  /// {comment}", f'  static let {table} = """', *(f"    {line}" for line in lines), '    """', ""]
    source[-1] = "}"
    path = FOLDER / f"{name}.swift"
    path.write_text("\n".join(source) + "\n")
    print(f"{path}: {path.stat().st_size / 1024:.0f} KiB")


def main():
    write("GraphemeTables", "Runs are (gap since the last run's end, length, class from 1) in decimal.", {
        "classes": (f"Grapheme break classes: {', '.join(GRAPHEME_CLASSES)}.",
                    class_table(grapheme_classes(), GRAPHEME_CLASSES)),
        "conjuncts": (f"Indic conjunct break classes: {', '.join(CONJUNCT_CLASSES)}.",
                      class_table(conjunct_classes(), CONJUNCT_CLASSES)),
    })
    marks = {c for c in CODE_POINTS if normalizers.StripAccents().normalize_str(chr(c)) == ""}
    write("NormalizationTables", "Code points are given as the gap since the last one, in decimal.", {
        "compatibility": ("What NFKD makes of what NFD leaves or makes something else of: (gap, count, scalars …).",
                          compatibility_decompositions()),
        "compositions": ("What two scalars compose to, but Hangul: (gap, first, second).", compositions()),
        "marks": ("What `StripAccents` drops: (gap, length).", range_table(marks)),
    })


main()
