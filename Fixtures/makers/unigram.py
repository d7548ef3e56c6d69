"""Small SentencePiece models, and what Transformers makes of the awkward lines of `tokenizers.py` with them.

Scores in `trained/tokenizer.json` come from `tokenizers`, whose trainer gives others each time, all others from sentencepiece,
whose compiled normalisation rules (`nmt_nfkc`) are those of XLM-RoBERTa.
"""
import base64
import io
import json
import pathlib
import shutil
import tempfile

import sentencepiece
import tokenizers as hf
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer

from . import tokenizers as material
from .tokenizers import LINES, SEED, SENTENCES, SNIPPETS, Generator, added, describe, entry, lines, template, write_json

TRAINING_SEED, CLUSTER_SEED = 11, 13
MARK = "\u2581"
STRIP = {"type": "Strip", "strip_left": True, "strip_right": True}


# One scalar or more of each class that decides where grapheme clusters end, and rules that show where they did.
CLUSTER_SCALARS = [
    0x61, 0x65, 0xE9, 0xA9, 0x0D, 0x0A, 0x00, 0x200B, 0x200C, 0x200D, 0x308, 0x301, 0xFE0F, 0x600, 0x110BD, 0x903, 0x93E,
    0x915, 0x94D, 0x93C, 0x958, 0xBB8, 0xC4D, 0x1100, 0x1161, 0x11A8, 0xAC00, 0xAC01, 0x1F1E6, 0x1F1E7, 0x1F44D, 0x1F3FD,
    0x2603, 0xFB01, 0x4E00, 0x20000, 0xE0041, 0xE33, 0x1CF5, 0x20, 0x2581,
]
CLUSTER_RULES = {
    "a\u0308": "A", "\u0308\u0308": "U", "\u00a9\u200d": "C", "e\u0301": "\u00e9", "\r\n": " ", "\u0915\u0308": "K",
    "\u0308\u0301": "V", "\u00e9\u0308": "", "\ufb01": "fi", "\u0958": "\u0915\u093c", "\U0001f44d": "+", "\u0600a": "P",
    "\u200b": "", "\u0301": "\u00b4", "\u1100": "g", "\uac00": "\u1100\u1161", "\u0915": "Q",
}


def training_lines():
    generator = Generator(TRAINING_SEED)
    words = [text for text in SNIPPETS if text.isprintable() and len(text) < 20]
    made = [" ".join(words[generator.below(len(words))] for _ in range(8)) for _ in range(600)]
    return made + SENTENCES * 40


def train(path, texts, **options):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=model, model_type="unigram",
        hard_vocab_limit=False, num_threads=1, minloglevel=2, **options)
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue())
    # The name of a temporary file.
    proto.normalizer_spec.ClearField("normalization_rule_tsv")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(proto.SerializeToString(deterministic=True))


def make_models(folder):
    train(folder / "nmt_nfkc/sentencepiece.bpe.model", training_lines(), vocab_size=900, character_coverage=1.0,
          normalization_rule_name="nmt_nfkc")
    train(folder / "plain/spiece.model", material.training_lines(), vocab_size=5000, character_coverage=0.98,
          normalization_rule_name="identity", byte_fallback=True, pad_id=0, eos_id=1, unk_id=2, bos_id=-1,
          user_defined_symbols=["<sep>", "ball"], remove_extra_whitespaces=False)
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as rules:
        hexadecimal = lambda text: " ".join(f"{ord(c):X}" for c in text)
        rules.write("".join(f"{hexadecimal(a)}\t{hexadecimal(b)}\n" for a, b in CLUSTER_RULES.items()))
        rules.flush()
        train(folder / "clusters/sentencepiece.bpe.model", SENTENCES * 40, vocab_size=90, character_coverage=1.0,
              normalization_rule_tsv=rules.name)

    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase(), normalizers.Strip(left=False)])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first")
    tokenizer.train_from_iterator(training_lines(), trainers.UnigramTrainer(
        vocab_size=700, unk_token="<unk>", special_tokens=["<pad>", "</s>", "<unk>"], show_progress=False))
    tokenizer.post_processor = hf.processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    (folder / "trained").mkdir(exist_ok=True)
    write_json(folder / "trained/tokenizer.json", json.loads(tokenizer.to_str()))


def proto(folder, base):
    path, = (folder / base).glob("*.model")
    return sentencepiece_model_pb2.ModelProto.FromString(path.read_bytes())


def tokenizer_json(folder, base, **changes):
    """A tokenizer.json with the pieces and the character map of a `.model` file."""
    model = proto(folder, base)
    metaspace = {"type": "Metaspace", "replacement": MARK, "prepend_scheme": "always", "split": True}
    pipeline = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
        "pre_tokenizer": metaspace, "post_processor": None, "decoder": metaspace,
    }
    unknown = {"unk_id": model.trainer_spec.unk_id, "byte_fallback": changes.pop("byte_fallback", False)}
    vocabulary = [[piece.piece, piece.score] for piece in model.pieces]
    return {**pipeline, **changes, "model": {"type": "Unigram", **unknown, "vocab": vocabulary}}


def precompiled(folder, base="nmt_nfkc"):
    charsmap = proto(folder, base).normalizer_spec.precompiled_charsmap
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap).decode()}


def metaspace(scheme, **members):
    return {"type": "Metaspace", "replacement": MARK, "prepend_scheme": scheme, **members}


def sequence(kind, *parts):
    return {"type": "Sequence", kind: [p for p in parts]}


def replace(content, **pattern):
    return {"type": "Replace", "pattern": pattern, "content": content}


def cases(folder):
    """(name, folder with the model, further files; a callable makes one that isn't kept)"""
    named = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>", "eos_token": "</s>"}
    model = lambda **changes: lambda: tokenizer_json(folder, "nmt_nfkc", **changes)
    mapped = lambda: precompiled(folder)
    return [
        ("xlm-roberta, .model only", "nmt_nfkc", {"config.json": {"model_type": "xlm-roberta"}}),
        ("trocr with its decoder's class", "nmt_nfkc", {
            "config.json": {"model_type": "vision-encoder-decoder"},
            "tokenizer_config.json": {
                "tokenizer_class": "XLMRobertaTokenizer", "model_max_length": 512, "sp_model_kwargs": {},
                "mask_token": {"__type": "AddedToken", **added("<mask>", lstrip=True, normalized=True)}},
            "special_tokens_map.json": {
                "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>",
                "mask_token": added("<mask>", lstrip=True, normalized=True)}}),
        ("xlm-roberta, settings", "nmt_nfkc", {
            "tokenizer_config.json": {
                "tokenizer_class": "XLMRobertaTokenizerFast", "add_prefix_space": False, "pad_token": "<img>",
                "clean_up_tokenization_spaces": True, "additional_special_tokens": ["<IMG>", "[SEP]"],
                "added_tokens_decoder": {"0": added("<s>", special=True), "2": added("</s>", special=True),
                                         "1000": added("Straße", normalized=True)}}}),
        ("xlm-roberta, tokenizer.json", "nmt_nfkc", {
            "config.json": {"model_type": "xlm-roberta"},
            "tokenizer.json": model(
                normalizer=sequence("normalizers", mapped(), replace(" ", Regex=" {2,}")),
                pre_tokenizer={"type": "WhitespaceSplit"}, decoder=metaspace("never"),
                added_tokens=[entry(1, "<s>", special=True), entry(2, "</s>", special=True), entry(0, "<unk>", special=True),
                              entry(900, "<mask>", special=True, lstrip=True)])}),
        ("camembert, .model only", "nmt_nfkc", {"config.json": {"model_type": "camembert"}}),
        ("camembert, tokenizer.json", "nmt_nfkc", {
            "tokenizer_config.json": {"tokenizer_class": "CamembertTokenizer"},
            "tokenizer.json": model(normalizer=mapped())}),
        ("mbart, .model only", "nmt_nfkc", {
            "tokenizer_config.json": {"tokenizer_class": "MBartTokenizer", "src_lang": "ro_RO"}}),
        ("mbart50, .model only", "nmt_nfkc", {"tokenizer_config.json": {"tokenizer_class": "MBart50TokenizerFast"}}),
        ("t5, .model only", "plain", {"config.json": {"model_type": "t5"}}),
        ("t5, with a character map", "nmt_nfkc", {
            "tokenizer_config.json": {"tokenizer_class": "T5Tokenizer", "extra_ids": 7}, "rename": ["sentencepiece.bpe.model", "spiece.model"]}),
        ("barthez, .model only", "nmt_nfkc", {"tokenizer_config.json": {"tokenizer_class": "BarthezTokenizer"}}),
        ("as written, converted as once", "nmt_nfkc", {
            "tokenizer_config.json": named,
            "tokenizer.json": model(
                normalizer=sequence("normalizers", mapped(), {"type": "Strip", "strip_left": False, "strip_right": True},
                                    replace(MARK, Regex=" {2,}")),
                pre_tokenizer={"type": "Metaspace", "replacement": MARK, "add_prefix_space": True},
                decoder={"type": "Metaspace", "replacement": MARK, "add_prefix_space": True},
                added_tokens=[entry(0, "<unk>", special=True), entry(2, "</s>", special=True), entry(900, "<img>", rstrip=True),
                              entry(901, "é", normalized=True), entry(902, "tag", single_word=True)],
                post_processor=template("$A", ("</s>", 2)))}),
        ("as written, byte fallback", "plain", {
            "tokenizer_config.json": named,
            "tokenizer.json": lambda: tokenizer_json(
                folder, "plain", byte_fallback=True, normalizer=replace(MARK, String=" "),
                pre_tokenizer=metaspace("first", split=False), added_tokens=[entry(1, "</s>", special=True), entry(3, "<sep>")],
                decoder=sequence("decoders", replace(" ", String=MARK), {"type": "ByteFallback"}, {"type": "Fuse"},
                                 {"type": "Strip", "content": " ", "start": 1, "stop": 0}))}),
        ("as written, never a mark in front", "plain", {
            "tokenizer_config.json": named,
            "tokenizer.json": lambda: tokenizer_json(
                folder, "plain", normalizer=sequence("normalizers", {"type": "NFKD"}, {"type": "StripAccents"}, STRIP,
                                                     {"type": "NFC"}, {"type": "Prepend", "prepend": " "}),
                pre_tokenizer=metaspace("never"), decoder=metaspace("never"),
                post_processor={"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<pad>", 0], "trim_offsets": True,
                                "add_prefix_space": True})}),
        ("as written, the first mark only", "nmt_nfkc", {
            "tokenizer_config.json": named,
            "tokenizer.json": model(
                normalizer=sequence("normalizers", mapped(), STRIP, {"type": "NFD"},
                                    replace(" ", Regex="\\s{2,}|[\\n\\r\\t]"), replace("", String="a")),
                pre_tokenizer=sequence("pretokenizers", metaspace("first", split=False), {"type": "WhitespaceSplit"}),
                decoder=metaspace("first"), added_tokens=[entry(0, "<unk>", special=True), entry(900, "ß")])}),
        ("as written, no decoder", "nmt_nfkc", {
            "tokenizer_config.json": named,
            "tokenizer.json": model(normalizer=replace("", Regex="\\A +| +\\z"), pre_tokenizer=None, decoder=None)}),
        ("trained by tokenizers", "trained", {"tokenizer_config.json": {**named, "pad_token": "<pad>"}}),
    ]


def prepare(folder, files):
    for file, content in files.items():
        if file == "rename":
            (folder / content[0]).rename(folder / content[1])
        else:
            write_json(folder / file, content() if callable(content) else content)


def without_vocabulary(value):
    """The same, without what stands in the `.model` file."""
    if isinstance(value, dict):
        return {k: "" if k == "precompiled_charsmap" else without_vocabulary(v) for k, v in value.items() if k != "vocab"}
    return [without_vocabulary(v) for v in value] if isinstance(value, list) else value


def make_clusters(folder):
    """A tokenizer that knows bytes only, so that its ids are the text that its character map makes."""
    decoder = sequence("decoders", {"type": "ByteFallback"}, {"type": "Fuse"})
    content = tokenizer_json(folder, "clusters", normalizer=precompiled(folder, "clusters"), pre_tokenizer=None, decoder=decoder)
    vocabulary = [["<unk>", 0.0]] + [[f"<0x{byte:02X}>", 0.0] for byte in range(256)]
    content["model"] |= {"byte_fallback": True, "vocab": vocabulary}
    write_json(folder / "clusters/tokenizer.json", content)
    tokenizer = Tokenizer.from_str(json.dumps(content))
    generator = Generator(CLUSTER_SEED)
    scalar = lambda: chr(CLUSTER_SCALARS[generator.below(len(CLUSTER_SCALARS))])
    texts = ["".join(scalar() for _ in range(1 + generator.below(8))) for _ in range(LINES)]
    ids = [tokenizer.encode(text).ids for text in texts]
    assert all(tokenizer.decode(i) == tokenizer.normalizer.normalize_str(text) for i, text in zip(ids, texts))
    write_json(folder / "clusters/expected.json", {
        "seed": CLUSTER_SEED, "scalars": CLUSTER_SCALARS, "lines": LINES, "block": material.BLOCK, "first_ids": ids[:40],
        "ids": material.blocks(ids, material.id_bytes),
    })


def make(folder: pathlib.Path):
    make_models(folder)
    make_clusters(folder)
    awkward = lines(SEED, LINES)
    described = []
    for name, base, files in cases(folder):
        with tempfile.TemporaryDirectory() as temporary:
            case = pathlib.Path(temporary) / "case"
            shutil.copytree(folder / base, case)
            prepare(case, files)
            expected = describe(AutoTokenizer.from_pretrained(case), awkward, 20)
        small = {file: json.dumps(without_vocabulary(content() if callable(content) else content)) for file, content in files.items()}
        described.append({"name": name, "base": base, "files": small, **expected})
        print(f"  {name}: {len(expected['special_ids'])} named tokens, {expected['vocabulary_size']} in all")
    write_json(folder / "cases.json", described)
