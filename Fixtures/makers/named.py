"""Small random captioners of the shapes, and with the files, of models that people have.

`manga-ocr`: kha-white/manga-ocr-base, a ViT and a two-layer BERT with `BertJapaneseTokenizer`, generation options in
config.json, weights in pytorch_model.bin. `distilvit`: mozilla/distilvit, a ViT and a six-layer GPT-2 with a list of banned
words. `chinese`: yuanzhoulvpi/vit-gpt2-image-chinese-captioning, a ViT and a GPT-2 with a WordPiece tokenizer whose
only end is an added token. Each holds an image and `caption.json`: what Transformers generates for it.
"""
import json

import support.quiet  # noqa: F401
import torch
from makers import models
from PIL import Image, ImageOps
from support import reference, tiny_tokenizer
from transformers import (
    AutoImageProcessor,
    AutoTokenizer,
    BertConfig,
    BertJapaneseTokenizer,
    BertTokenizer,
    GenerationConfig,
    GPT2Config,
    GPT2LMHeadModel,
    VisionEncoderDecoderModel,
    ViTConfig,
    ViTImageProcessor,
)

VIT = {"hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16, "image_size": 16,
       "patch_size": 8}


def gpt2(vocabulary, layers, end):
    return GPT2Config(vocab_size=vocabulary, n_positions=48, n_embd=8, n_layer=layers, n_head=2, n_inner=16,
                      bos_token_id=end, eos_token_id=end, **models.NO_DROPOUT)


def pixel_values(folder):
    """manga-ocr converts an image to grey first; its fixture's image is grey."""
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    image = Image.open(folder / "scene.png").convert("L" if folder.name == "manga-ocr" else "RGB").convert("RGB")
    return processor(image, return_tensors="pt").pixel_values


def let_end(model, folder, end, options):
    images = torch.cat([pixel_values(folder), reference.pictures(2, 3, 16, 16, seed=1)])
    reference.let_end(model, images, end, [options])


def write_captions(folder, tokenizer, variants):
    """Ids and texts by `variants` of generate's options, with nothing but the folder's files for the rest."""
    model = VisionEncoderDecoderModel.from_pretrained(folder).eval()
    values = pixel_values(folder)
    rows = []
    for options in variants:
        row = reference.generate(model, values, options)
        double = reference.generate(model.double(), values.double(), options)
        model.float()
        assert double["sequences"] == row["sequences"], "the ids hang on rounding; choose another seed"
        row["captions"] = tokenizer.batch_decode(row["sequences"], skip_special_tokens=True)
        rows.append(row)
    reference.write_json(rows, folder / "caption.json")
    return rows


def save_pickled(model, folder):
    """Weights in PyTorch's format, and the configuration without a file for generation."""
    model.save_pretrained(folder)
    (folder / "model.safetensors").unlink()
    torch.save(reference.file_names(model, model.state_dict()), folder / "pytorch_model.bin")


def make_manga(folder):
    characters = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん、。！？…ー「」本日人大"
    (folder / "vocab.txt").write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *(f"##{c}" for c in "あいう")]) + "\n")
    settings = {"do_lower_case": False, "word_tokenizer_type": "mecab", "subword_tokenizer_type": "character"}
    (folder / "tokenizer_config.json").write_text(json.dumps({
        **settings, "do_word_tokenize": True, "do_subword_tokenize": True, "never_split": None,
        "mecab_kwargs": {"mecab_dic": "unidic_lite"}, "special_tokens_map_file": None,
        "tokenizer_class": "BertJapaneseTokenizer"}))
    (folder / "special_tokens_map.json").write_text(json.dumps({
        "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"}))
    # Ids become text without a dictionary of words.
    tokenizer = BertJapaneseTokenizer(str(folder / "vocab.txt"), **settings | {"word_tokenizer_type": "basic"})
    decoder = BertConfig(vocab_size=len(tokenizer), hidden_size=8, num_hidden_layers=2, num_attention_heads=2,
                         intermediate_size=16, max_position_embeddings=48, is_decoder=True, add_cross_attention=True,
                         hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = reference.join(ViTConfig(**VIT), decoder, start=2, end=3, pad=0, seed=31)
    models.draw_scene(folder / "scene.png")
    ImageOps.grayscale(Image.open(folder / "scene.png")).save(folder / "scene.png", optimize=True)
    ViTImageProcessor(size={"height": 16, "width": 16}).save_pretrained(folder)
    own = {"max_length": 30, "num_beams": 4, "length_penalty": 2.0, "no_repeat_ngram_size": 3, "early_stopping": True}
    let_end(model, folder, 3, own)
    save_pickled(model, folder)
    (folder / "generation_config.json").unlink()
    config = json.loads((folder / "config.json").read_text())
    # As Transformers 4 wrote it.
    (folder / "config.json").write_text(json.dumps(config | own | {
        "architectures": ["VisionEncoderDecoderModel"], "decoder_start_token_id": 2, "eos_token_id": 3, "pad_token_id": 0,
        "vocab_size": len(tokenizer)}, indent=1))
    write_captions(folder, tokenizer, [{}, {"num_beams": 1, "max_length": 12}])


def make_distilvit(folder):
    tokenizer = tiny_tokenizer.train()
    end = tokenizer.eos_token_id
    model = reference.join(ViTConfig(**VIT), gpt2(len(tokenizer), 6, end), start=end, end=end, pad=end, seed=32)
    models.draw_scene(folder / "scene.png")
    ViTImageProcessor(size={"height": 16, "width": 16}).save_pretrained(folder)
    options = {"num_beams": 1, "max_length": 12}
    let_end(model, folder, end, options)
    tokenizer.save_pretrained(folder)
    tiny_tokenizer.save_legacy(tokenizer, folder)
    model.save_pretrained(folder)
    # What it says by itself is what it may not say, nor two words of what it says then.
    free = reference.generate(model, pixel_values(folder), options)["sequences"][0]
    banned = [[free[1]]]
    banned.append(reference.generate(model, pixel_values(folder), {**options, "bad_words_ids": banned})["sequences"][0][2:4])
    assert end not in sum(banned, [])
    GenerationConfig(
        _from_model_config=True, bad_words_ids=banned, bos_token_id=end, decoder_start_token_id=end, eos_token_id=end,
        pad_token_id=end, max_length=20).save_pretrained(folder)
    rows = write_captions(folder, tokenizer, [{}, options, {**options, "num_beams": 3}])
    assert rows[1]["sequences"][0] != free, "the list changes nothing"


def make_chinese(folder):
    characters = "一个男人女孩在街上骑自行车和狗猫坐着草地红色的帐篷太阳下"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(characters), "##一", "##s", "a"]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    end = len(words)
    (folder / "added_tokens.json").write_text(json.dumps({"<|endoftext|>": end}))
    (folder / "special_tokens_map.json").write_text(json.dumps({
        "bos_token": "<|endoftext|>", "cls_token": "[CLS]", "eos_token": "<|endoftext|>", "mask_token": "[MASK]",
        "pad_token": "[PAD]", "sep_token": "[SEP]", "unk_token": "[UNK]"}))
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "cls_token": "[CLS]", "do_lower_case": True, "mask_token": "[MASK]", "model_max_length": 512, "pad_token": "[PAD]",
        "sep_token": "[SEP]", "special_tokens_map_file": None, "strip_accents": None, "tokenize_chinese_chars": True,
        "tokenizer_class": "BertTokenizer", "unk_token": "[UNK]"}))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert isinstance(tokenizer, BertTokenizer) and len(tokenizer) == end + 1
    model = reference.join(ViTConfig(**VIT), gpt2(end + 1, 2, end), start=end, end=end, pad=0, seed=33)
    assert isinstance(model.decoder, GPT2LMHeadModel)
    models.draw_scene(folder / "scene.png")
    ViTImageProcessor(size={"height": 16, "width": 16}).save_pretrained(folder)
    options = {"num_beams": 4, "max_length": 14}
    let_end(model, folder, end, options)
    save_pickled(model, folder)
    GenerationConfig(_from_model_config=True, bos_token_id=end, decoder_start_token_id=end, eos_token_id=end,
                     pad_token_id=0).save_pretrained(folder)
    write_captions(folder, tokenizer, [options, {"num_beams": 1, "max_length": 10}])


def make(folder):
    for name, make_model in (("manga-ocr", make_manga), ("distilvit", make_distilvit), ("chinese", make_chinese)):
        (folder / name).mkdir(exist_ok=True)
        make_model(folder / name)
