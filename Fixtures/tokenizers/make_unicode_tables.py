#!/usr/bin/env python3
"""Writes Sources/VignetteTokenizers/Unicode/UnicodeTables.swift by asking Hugging Face's `tokenizers` about every code point.

Each part of that library brings Unicode data of its own age (a regular expression engine, the standard library of
Rust, two crates), none of which need agree with the Swift that Vignette is built with.

    .venv/bin/python Fixtures/tokenizers/make_unicode_tables.py
"""
import pathlib
import textwrap
import unicodedata

from tokenizers import AddedToken, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import BPE

OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "Sources/VignetteTokenizers/Unicode/UnicodeTables.swift"
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
WHITE_SPACE = {*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}


def bert(**options):
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**off, **options}).normalize_str


def mapping(function):
    """What `function` makes of each code point that it changes."""
    return {c: made for c in CODE_POINTS if (made := function(chr(c))) != chr(c)}


def byte_level_class(prefix):
    split = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str
    return {c for c in CODE_POINTS if len(split(prefix + chr(c))) == 1}


def word_characters():
    tokenizer = Tokenizer(BPE(vocab={"a": 0}, merges=[]))
    tokenizer.add_tokens([AddedToken("<|>", single_word=True, normalized=False)])
    found = tokenizer.token_to_id("<|>")
    words = {c for c in CODE_POINTS if found not in tokenizer.encode(chr(c) + "<|>").ids}
    assert words == {c for c in CODE_POINTS if found not in tokenizer.encode("<|>" + chr(c)).ids}
    return words


def punctuation_and_space():
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    parts = {c: [part for part, _ in split(f"a{chr(c)}b")] for c in CODE_POINTS}
    assert {c for c, made in parts.items() if made == ["a", "b"]} == WHITE_SPACE
    return {c for c, made in parts.items() if len(made) == 3}


def combining_classes():
    """Canonical combining classes as the NFD normaliser knows them, which is an older Unicode than Python's."""
    nfd = normalizers.NFD().normalize_str
    # U+0345 has the highest class but one code point's: whatever moves before it has a class of its own.
    known = {c for c in CODE_POINTS if nfd(f"a\u0345{chr(c)}")[1] != "\u0345"} | {0x345}
    classes = {c: unicodedata.combining(chr(c)) for c in known if unicodedata.normalize("NFD", chr(c)) == chr(c)}
    assert all(classes.values())
    marks = sorted({value: c for c, value in classes.items()}.items())
    for c, value in classes.items():
        for other, mark in marks:
            assert (nfd(f"a{chr(mark)}{chr(c)}")[1] == chr(c)) == (value < other or mark == c), hex(c)
    return classes


def ranges(code_points):
    """Pairs (first, last) of the runs in a set."""
    runs = []
    for c in sorted(code_points):
        if runs and runs[-1][1] == c - 1:
            runs[-1][1] = c
        else:
            runs.append([c, c])
    return runs


def range_table(code_points):
    """Gap and length of each run."""
    numbers, end = [], 0
    for first, last in ranges(code_points):
        numbers += [first - end, last + 1 - first]
        end = last + 1
    return numbers


def lowercase_table(lower):
    """Runs of (gap, count, stride, offset) of single code points."""
    entries = [(c, ord(made) - c) for c, made in sorted(lower.items())]
    numbers, end, i = [], 0, 0
    while i < len(entries):
        first, offset = entries[i]
        best = (1, 1)
        for stride in (1, 2):
            count = 1
            while i + count < len(entries) and entries[i + count] == (first + count * stride, offset):
                count += 1
            best = max(best, (count, stride))
        count, stride = best
        numbers += [first - end, count, stride, offset]
        end = first + (count - 1) * stride
        i += count
    return numbers


def decomposition_table(decomposed):
    """Gap, then how many code points it becomes, then these."""
    numbers, last = [], 0
    for c, made in sorted(decomposed.items()):
        numbers += [c - last, len(made), *map(ord, made)]
        last = c
    return numbers


def class_table(classes):
    """Gap, length and class of each run of equal classes."""
    numbers, end = [], 0
    for value_run in sorted(
        (first, last, value)
        for value in set(classes.values())
        for first, last in ranges(c for c in classes if classes[c] == value)
    ):
        first, last, value = value_run
        numbers += [first - end, last + 1 - first, value]
        end = last + 1
    return numbers


def main():
    letters, numbers, others = map(byte_level_class, "a1!")
    assert set(CODE_POINTS) - letters - numbers - others == WHITE_SPACE
    cleaned = mapping(bert(clean_text=True))
    assert {c for c, made in cleaned.items() if made == " "} | {0x20} <= WHITE_SPACE
    assert set(cleaned.values()) == {"", " "}

    lower = mapping(normalizers.Lowercase().normalize_str)
    assert lower == mapping(bert(lowercase=True))
    assert [c for c, made in lower.items() if len(made) > 1] == [0x130] and lower.pop(0x130) == "i\u0307"

    decomposed = mapping(normalizers.NFD().normalize_str)
    stripped = mapping(bert(strip_accents=True))
    marks = {c for c, made in stripped.items() if made == ""}
    for c in CODE_POINTS:
        kept = "".join(d for d in decomposed.get(c, chr(c)) if ord(d) not in marks)
        assert stripped.get(c, chr(c)) == kept, hex(c)
    syllables = range(0xAC00, 0xD7A4)
    for c in syllables:
        assert decomposed.pop(c) == unicodedata.normalize("NFD", chr(c))

    tables = {
        "letters": ("What `\\p{L}` matches in the byte-level pre-tokeniser.", range_table(letters)),
        "numbers": ("What `\\p{N}` matches there.", range_table(numbers)),
        "wordCharacters": ("What `\\w` matches beside an added token.", range_table(word_characters())),
        "removedByCleaning": (
            "What BERT's text cleaning drops.",
            range_table(c for c, made in cleaned.items() if made == ""),
        ),
        "punctuation": ("What BERT splits off as punctuation.", range_table(punctuation_and_space())),
        "accents": ("What BERT's accent stripping drops.", range_table(marks)),
        "lowercase": ("Lowercase, but U+0130: (gap, count, stride, offset).", lowercase_table(lower)),
        "decompositions": (
            "Canonical decompositions, but of Hangul: (gap, count, scalars …).",
            decomposition_table(decomposed),
        ),
        "combiningClasses": ("Canonical combining classes: (gap, length, class).", class_table(combining_classes())),
    }
    source = [
        "// Made by Fixtures/tokenizers/make_unicode_tables.py: the Unicode data that Hugging Face's `tokenizers` uses.",
        "// Code point ranges are (gap since the last range's end, length) in decimal.",
        "enum UnicodeTables {",
    ]
    for name, (comment, values) in tables.items():
        lines = textwrap.wrap(" ".join(map(str, values)), 104)
        source += [f"  /// {comment}", f'  static let {name} = """', *(f"    {line}" for line in lines), '    """', ""]
    source[-1] = "}"
    OUTPUT.write_text("\n".join(source) + "\n")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size / 1024:.0f} KiB")


main()
