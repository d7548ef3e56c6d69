"""Small tokenizers of every kind, and what Transformers makes of ten thousand awkward lines with them.

The lines are drawn by a generator that the tests repeat, so that only digests of the ids need to be kept.
"""
import json
import pathlib
import shutil
import tempfile
from collections import Counter

import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer

LINES = 10_000
BLOCK = 250
SEED, TRAINING_SEED, IDS_SEED = 20_240_229, 7, 99
MASK = (1 << 64) - 1

SNIPPETS = [
    *"a A the The of in on man woman dog two cat street ball playing standing with red UPPER mIxEd".split(),
    *"I'm you've we'll they'd don't it's she'RE 'twas rock'n'roll O'Neill '' 's 't 'll 've 'S".split(),
    *"café cafe\u0301 naïve Ångström Å \u212b \u1e9e\u0307\u0323 İstanbul ıI ß ẞ ﬁ ﬀ ǆ Ǆ œ Σίσυφος ΑΣ ς ὈΔΥΣΣΕΎΣ ᾳ".split(),
    *"Привет Ёлка ёж Ґ மொழி हिन्दी क्षि ไทย ภาษา ກິນ 漢字 日本語 カタカナ ｶﾀｶﾅ ﾊﾟ 한국어 각 가 \u1100\u1161\u11a8 中文，。 㐀 𠀀 𫠠 𬚩 豈".split(),
    *"العربية مَرحَبًا שָׁלוֹם ܫܠܡܐ አማርኛ ქართული ႠႡ Ꭰꭰ 𐐀𐐨 𞤀𞤢 ᏸ Ⓐⓐ Ⅷⅷ ᲀ Ა".split(),
    *"1 23 4567890 3.14 ½ ² ٣٤ ४५ ๓ Ⅻ ㊿ 𝟘𝟙 ௧ ୵ 〇 一二".split(),
    *"! ?? ... , ;; : - -- — … « » “ ” ' \" ` ´ ^ ~ ¡ ¿ § ¶ † • ‰ € $ £ + = < > | \\ / @ # & * ( ) [ ] { } _ ‿ ⁀ ། ፡ ᠀".split(),
    *"😀 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪 ☃ ☃️ ♥ 0️⃣ ⌚ 🧑🏿‍🚀 ⟨⟩ ∀∃ ← ™ © ® ° µ ª º".split(),
    *["\u0300", "\u0301\u0323", "\u0345\u0315", "\u3099", "\u20dd", "\u0488", "\u093e", "\u0b48", "\u1d15e", "\U0001d15f\u0323"],
    *["\u302e\u0316", "\u05b0\u05bc", "\U00011938", "\u0c48", "\u200d", "\u200c", "\u200b", "\ufeff", "\u2060", "\u00ad", "\u061c"],
    *[" ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", " \n ", "\u00a0", "\u2003", "\u3000", "\u2028", "\u2029", "\u0085", "\v", "\f"],
    *["\0", "\x01", "\x1b", "\x7f", "\u0080", "\u009f", "\ufffd", "\ufffe", "\uffff", "\U0010ffff", "\ue000", "\U000e0041", "\ufff9"],
    *"<|endoftext|> <s> </s> <pad> <mask> <unk> [CLS] [SEP] [MASK] [PAD] [UNK] [cls] <s <|end <img> <img>x <IMG> Straße straße".split(),
    *" <mask> |\n<mask>|<mask><mask>|  <img>  |<|endoftext|><|endoftext|>| straße |tag|a tag b|tagtag|é tag é|##ing|Ġ|Ċ|Ã©".split("|"),
    *["x" * 99, "x" * 101, "é" * 100, "a" * 60, "ab" * 40, "!" * 30, "1" * 40, "-" * 12],
]
RANGES = [
    (0x20, 0x7E), (0x00, 0xFF), (0xC0, 0x24F), (0x250, 0x36F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0xDFF),
    (0xE00, 0x10FF), (0x1100, 0x11FF), (0x1AB0, 0x1CFF), (0x1D00, 0x1FFF), (0x2000, 0x2BFF), (0x2C00, 0x2E7F),
    (0x3000, 0x33FF), (0x4E00, 0x9FFF), (0xA640, 0xABFF), (0xAC00, 0xD7A3), (0xE000, 0xFAFF), (0xFB00, 0xFFFF),
    (0x10000, 0x107FF), (0x10800, 0x11FFF), (0x16A00, 0x16FFF), (0x1D000, 0x1D7FF), (0x1E000, 0x1F0FF),
    (0x1F100, 0x1FAFF), (0x20000, 0x323AF), (0xE0000, 0xE01EF), (0, 0xD7FF), (0xE000, 0x10FFFF),
]
SENTENCES = [
    "A man riding a bicycle on a street next to a dog .",
    "Two women are standing in front of the café, and they don't look at the camera!",
    "a black-and-white cat sits on the red chair; it's sleeping",
    "The children's 3 balls weren't playing with 1 dog...",
    "people riding horses riding waves standing walking running smiling",
]


class Generator:
    """A 64-bit linear congruential generator (Knuth's MMIX constants), of which the upper bits are used."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & MASK
        return (self.state >> 33) % bound

    def line(self):
        text = ""
        for _ in range(1 + self.below(10)):
            if self.below(2):
                text += " "
            if self.below(4):
                text += SNIPPETS[self.below(len(SNIPPETS))]
            else:
                first, last = RANGES[self.below(len(RANGES))]
                for _ in range(1 + self.below(3)):
                    text += chr(first + self.below(last + 1 - first))
        return text


def lines(seed, count):
    generator = Generator(seed)
    return [generator.line() for _ in range(count)]


def fnv(parts):
    digest = 0xCBF29CE484222325
    for part in parts:
        for byte in part:
            digest = ((digest ^ byte) * 0x100000001B3) & MASK
    return f"{digest:016x}"


def blocks(values, to_bytes):
    return [fnv(map(to_bytes, values[i : i + BLOCK])) for i in range(0, len(values), BLOCK)]


def id_bytes(ids):
    return b"".join(i.to_bytes(4, "little") for i in [*ids, 0xFFFFFFFF])


def text_bytes(text):
    return text.encode() + b"\xff"


def training_lines():
    return lines(TRAINING_SEED, 2000) + SENTENCES * 20


def train_byte_level(vocab_size, min_frequency, special_tokens):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        special_tokens=special_tokens,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(training_lines(), trainer)
    return tokenizer


def write_json(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def make_vocabularies(folder):
    gpt2, roberta, bert = (folder / name for name in ("gpt2", "roberta", "bert"))
    for part in (gpt2, roberta, bert):
        part.mkdir(exist_ok=True)
    train_byte_level(1100, 2, ["<|endoftext|>"]).model.save(str(gpt2))

    tokenizer = train_byte_level(900, 2, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.enable_truncation(5)
    tokenizer.enable_padding(pad_id=1, pad_token="<pad>", length=20)
    tokenizer.post_processor = tokenizers.processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    write_json(roberta / "tokenizer.json", json.loads(tokenizer.to_str()))

    (bert / "vocab.txt").write_text("".join(f"{token}\n" for token in word_piece_vocabulary(1500)))


def word_piece_vocabulary(size):
    """The most frequent characters, words and parts of words, cased and uncased. (The trainer of `tokenizers` breaks
    ties differently each time.)"""
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    normalize = [normalizers.BertNormalizer(lowercase=lower).normalize_str for lower in (False, True)]
    characters, parts = Counter(), Counter()
    for line in training_lines():
        for word in (word for function in normalize for word, _ in split(function(line)) if len(word) < 30):
            characters.update([word[0], *("##" + c for c in word[1:])])
            parts.update({word} | {word[:n] for n in range(2, 6)} | {"##" + word[n:] for n in range(1, len(word))})
    tokens = dict.fromkeys(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    for counter, limit in ((characters, size // 2), (parts, size)):
        for token in sorted(counter, key=lambda token: (-counter[token], token)):
            if len(tokens) < limit:
                tokens[token] = None
    return tokens


def added(content, **flags):
    """An entry of `added_tokens_decoder`."""
    token = dict(lstrip=False, normalized=False, rstrip=False, single_word=False, special=False)
    return {"content": content, **token, **flags}


def tokenizer_json(base, folder, **changes):
    """A tokenizer.json for a vocabulary that lies in files of its own."""
    pipeline = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "post_processor": None, "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": None,
    }
    pipeline.update(changes)
    if base == "bert":
        words = (folder / base / "vocab.txt").read_text().split("\n")[:-1]
        model = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                 "max_input_chars_per_word": 20, "vocab": {word: i for i, word in enumerate(words)}}
        pipeline.update(pre_tokenizer={"type": "BertPreTokenizer"},
                        decoder={"type": "WordPiece", "prefix": "##", "cleanup": False})
    else:
        merges = (folder / base / "merges.txt").read_text().split("\n")[1:-1]
        model = {"type": "BPE", "unk_token": "<|endoftext|>", "fuse_unk": True, "ignore_merges": True, "dropout": None,
                 "continuing_subword_prefix": None, "end_of_word_suffix": None, "byte_fallback": False,
                 "vocab": json.loads((folder / base / "vocab.json").read_text()), "merges": merges}
    return {**pipeline, "model": model}


def entry(id, content, **flags):
    return {"id": id, **added(content, **flags)}


def template(*single):
    pieces = [{"Sequence": {"id": "A", "type_id": 0}} if p == "$A" else {"SpecialToken": {"id": p[0], "type_id": 0}} for p in single]
    ids = {p[0]: {"id": p[0], "ids": [p[1]], "tokens": [p[0]]} for p in single if p != "$A"}
    return {"type": "TemplateProcessing", "single": pieces, "pair": [], "special_tokens": ids}


def cases(folder):
    """(name, folder with the vocabulary, further files; a callable makes one that isn't kept)"""
    gpt2_class = {"tokenizer_class": "GPT2Tokenizer"}
    return [
        ("gpt2, vocabulary files only", "gpt2", {"config.json": {"model_type": "gpt2"}}),
        ("gpt2, added tokens of all sorts", "gpt2", {
            "config.json": {"model_type": "vision-encoder-decoder"},
            "tokenizer_config.json": {
                **gpt2_class, "model_max_length": 1024, "pad_token": "<pad>", "add_prefix_space": True,
                "clean_up_tokenization_spaces": True, "additional_special_tokens": ["<s>"],
                "added_tokens_decoder": {
                    "0": added("<|endoftext|>", normalized=True, special=True),
                    "1101": added("<img>", lstrip=True, rstrip=True, special=True),
                    "1100": added("<pad>", special=True),
                    "1102": added("tag", single_word=True),
                    "1103": added("<img>x"),
                    "1104": added("é", normalized=True),
                },
            }}),
        ("gpt2, bos and eos around", "gpt2", {
            "tokenizer_config.json": {**gpt2_class, "add_bos_token": True, "add_eos_token": True, "bos_token": "<s>",
                                      "unk_token": None, "model_max_length": 10**30}}),
        ("gpt2, files of old versions", "gpt2", {
            "config.json": {"model_type": "gpt2"},
            "tokenizer_config.json": {"max_len": 77, "unk_token": {"__type": "AddedToken", **added("<|endoftext|>", normalized=True)}},
            "added_tokens.json": {"<pad>": 1101, "<mask>": 1100},
            "special_tokens_map.json": {
                "bos_token": "<|endoftext|>", "eos_token": added("</s>", rstrip=True), "pad_token": "<pad>",
                "additional_special_tokens": ["<mask>", "[MASK]"]}}),
        ("gpt2, tokenizer.json as written", "gpt2", {
            "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|endoftext|>"},
            "tokenizer.json": lambda: tokenizer_json(
                "gpt2", folder, added_tokens=[entry(0, "<|endoftext|>", special=True), entry(1100, "Straße")],
                post_processor={"type": "Sequence", "processors": [
                    {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True},
                    template(("<|endoftext|>", 0), "$A", ("Straße", 1100), ("<|endoftext|>", 0))]})}),
        ("gpt2, without the regular expression", "gpt2", {
            "tokenizer.json": lambda: tokenizer_json("gpt2", folder, pre_tokenizer={
                "type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": False})}),
        ("roberta by class", "roberta", {"config.json": {"model_type": "roberta"}}),
        ("roberta, prefix space", "roberta", {
            "tokenizer_config.json": {"tokenizer_class": "RobertaTokenizerFast", "add_prefix_space": True,
                                      "mask_token": {"__type": "AddedToken", **added("<mask>", lstrip=True, rstrip=True)}}}),
        ("roberta, tokenizer.json as written", "roberta", {"config.json": {"model_type": "vision-encoder-decoder"}}),
        ("bert, uncased", "bert", {"config.json": {"model_type": "bert"}}),
        ("bert, cased", "bert", {
            "config.json": {"model_type": "distilbert"},
            "tokenizer_config.json": {"do_lower_case": False, "model_max_length": 512, "clean_up_tokenization_spaces": True}}),
        ("bert, accents stripped, no Chinese", "bert", {
            "tokenizer_config.json": {
                "tokenizer_class": "DistilBertTokenizer", "do_lower_case": False, "strip_accents": True,
                "tokenize_chinese_chars": False,
                "added_tokens_decoder": {"0": added("[PAD]", special=True), "1500": added("Straße", normalized=True, rstrip=True),
                                         "1501": added("<img>", normalized=False, special=True)}}}),
        ("bert, accents kept, split special tokens", "bert", {
            "tokenizer_config.json": {
                "tokenizer_class": "BertTokenizerFast", "strip_accents": False, "split_special_tokens": True,
                "added_tokens_decoder": {"1500": added("STRASSE"), "1501": added("Straße", normalized=True)}}}),
        ("bert, tokenizer.json as written", "bert", {
            "tokenizer_config.json": {"tokenizer_class": "TokenizersBackend", "cls_token": "[CLS]", "extra_special_tokens": {"image_token": "<img>"}},
            "tokenizer.json": lambda: tokenizer_json(
                "bert", folder, added_tokens=[entry(2, "[CLS]", special=True), entry(3, "[SEP]", special=True)],
                normalizer={"type": "BertNormalizer", "clean_text": False, "handle_chinese_chars": True,
                            "strip_accents": None, "lowercase": True},
                post_processor=template(("[CLS]", 2), "$A", ("[SEP]", 3)))}),
    ]


def describe(tokenizer, awkward, first):
    """What a test compares for one tokenizer."""
    ids = [tokenizer(line)["input_ids"] for line in awkward]
    generator = Generator(IDS_SEED)
    size = len(tokenizer)
    random_ids = [[generator.below(size + 3) for _ in range(1 + generator.below(8))] for _ in range(2000)]
    names = ("bos", "eos", "pad", "unk", "cls", "sep", "mask")
    return {
        "vocabulary_size": size,
        "model_max_length": tokenizer.model_max_length if tokenizer.model_max_length < 10**20 else None,
        "special_ids": {n: getattr(tokenizer, f"{n}_token_id") for n in names if getattr(tokenizer, f"{n}_token")},
        "first_ids": ids[:first],
        "ids": blocks(ids, id_bytes),
        "plain_ids": blocks([tokenizer(line, add_special_tokens=False)["input_ids"] for line in awkward[:1000]], id_bytes),
        "decoded": blocks([tokenizer.decode(i, clean_up_tokenization_spaces=False) for i in ids], text_bytes),
        "decoded_skipping": blocks([tokenizer.decode(i, skip_special_tokens=True) for i in ids], text_bytes),
        "decoded_clean": blocks([tokenizer.decode(i, clean_up_tokenization_spaces=True) for i in ids], text_bytes),
        "decoded_random": blocks([tokenizer.decode(i) for i in random_ids], text_bytes),
    }


def make(folder: pathlib.Path):
    make_vocabularies(folder)
    awkward = lines(SEED, LINES)
    write_json(folder / "material.json", {
        "snippets": SNIPPETS, "ranges": RANGES, "sentences": SENTENCES, "lines": LINES, "block": BLOCK,
        "seed": SEED, "training_seed": TRAINING_SEED, "ids_seed": IDS_SEED, "first_lines": awkward[:8],
        "digests": blocks(awkward, text_bytes),
    })
    described = []
    for name, base, files in cases(folder):
        with tempfile.TemporaryDirectory() as temporary:
            case = pathlib.Path(temporary) / "case"
            shutil.copytree(folder / base, case)
            for file, content in files.items():
                write_json(case / file, content() if callable(content) else content)
            expected = describe(AutoTokenizer.from_pretrained(case), awkward, 100 if len(files) == 1 and "config.json" in files else 8)
        # A tokenizer.json that holds a vocabulary again is kept without it, and the test puts it in.
        small = {}
        for file, content in files.items():
            content = content() if callable(content) else content
            if "model" in content:
                content["model"] = {k: v for k, v in content["model"].items() if k not in ("vocab", "merges")}
            small[file] = content
        described.append({"name": name, "base": base, "files": {k: json.dumps(v) for k, v in small.items()}, **expected})
        print(f"  {name}: {len(described[-1]['special_ids'])} named tokens, {expected['vocabulary_size']} in all")
    write_json(folder / "cases.json", described)

    trained = []
    for size, frequency, special in [(1100, 2, ["<|endoftext|>"]), (300, 0, []), (700, 5, ["<s>", "é", "a", "<s>"]), (100, 2, []), (30000, 3, [])]:
        tokenizer = train_byte_level(size, frequency, special)
        model = json.loads(tokenizer.to_str())["model"]
        vocabulary = sorted(model["vocab"], key=model["vocab"].get)
        trained.append({
            "vocab_size": size, "min_frequency": frequency, "special_tokens": special, "vocabulary_size": len(vocabulary),
            "merges": len(model["merges"]), "vocabulary_digest": fnv(map(text_bytes, vocabulary)),
            "merges_digest": fnv(text_bytes(" ".join(pair)) for pair in model["merges"]),
        })
    write_json(folder / "trained.json", trained)
