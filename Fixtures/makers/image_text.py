"""Small random models that say how well a text fits an image: CLIP and BLIP's retrieval model.

`clip`, `blip-itm` and `siglip` are whole folders with tokenizer and image processor, `clip-options`, `blip-itm-options` and
`siglip-options` models
with every option of their configurations switched on. Each holds `expected.safetensors`: inputs, the embeddings of images
and texts and, for BLIP, the logits of the matching head. Whole folders also hold images and `scores.json`, what captions
of them score: CLIPScore and RefCLIPScore by the paper's formulas (Hessel et al., 2021), BLIP's probability that they match
and its cosine, SigLIP's that they belong together. `siglip_tokenizer.json` and `clip_tokenizer.json` have what the tokenizers make of the awkward lines of `tokenizers.py`.
"""
import json
import tempfile
from collections import Counter

import support.quiet  # noqa: F401
import torch
from makers import models, pretrained, tokenizers as awkward, unigram
from PIL import Image, ImageOps
from safetensors.torch import load_file
from support import reference
from tokenizers import pre_tokenizers
from transformers import (
    AutoImageProcessor,
    AutoTokenizer,
    BertTokenizer,
    BlipConfig,
    BlipForImageTextRetrieval,
    BlipImageProcessor,
    BlipTextConfig,
    BlipVisionConfig,
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    CLIPTextConfig,
    CLIPTokenizer,
    CLIPVisionConfig,
    SiglipConfig,
    SiglipImageProcessor,
    SiglipModel,
    SiglipTokenizer,
)

START, END = "<|startoftext|>", "<|endoftext|>"
SEED = 3
WEIGHT, PROMPT = 2.5, "A photo depicts "
IMAGES = ["scene.png", "mirrored.png", "inverted.png"]
LONG = "The sun shines over a red tent, and " * 4
# Image, caption and references.
CAPTIONS = [
    (0, "A red tent stands on a green meadow.", ["the sun shines over a RED tent", "Two birds fly."]),
    (1, "a small dog sleeps beside the tent; the birds don't mind!", ["A dog runs.", "café 12 tents", LONG]),
    (2, LONG, ["a meadow"]),
    (0, "", ["a tent in the meadow", ""]),
    (2, "two birds", ["two birds"]),
    (1, "sings sings", ["the sun is low", "zzz"]),
]


def draw(folder):
    models.draw_scene(folder / IMAGES[0])
    scene = Image.open(folder / IMAGES[0])
    ImageOps.mirror(scene).save(folder / IMAGES[1], optimize=True)
    ImageOps.invert(scene).resize((30, 44)).save(folder / IMAGES[2], optimize=True)


def pixel_values(folder):
    """Those of the folder's images, [images, 3, height, width], as Transformers' processor makes them."""
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    return processor([Image.open(folder / name).convert("RGB") for name in IMAGES], return_tensors="pt").pixel_values


def unit(rows):
    return rows / rows.norm(dim=-1, keepdim=True)


def write_scores(folder, rows):
    """`rows` are lists of a caption's values by name, in the order of `CAPTIONS`."""
    names = rows[0].keys()
    reference.write_json({
        "captions": [{"image": IMAGES[image], "caption": caption, "references": references}
                     for image, caption, references in CAPTIONS],
        "per_caption": {name: [row[name] for row in rows] for name in names},
        "scores": {name: sum(row[name] for row in rows) / len(rows) for name in names},
    }, folder / "scores.json")


# CLIP


def learned_merges(pieces, count):
    """Byte-pair encoding's merges of words: always the commonest pair, of equals the first by its letters."""
    words = Counter((*piece[:-1], f"{piece[-1]}</w>") for piece in pieces)
    merges = []
    for _ in range(count):
        pairs = Counter()
        for word, number in words.items():
            pairs.update({pair: number * repeats for pair, repeats in Counter(zip(word, word[1:])).items()})
        if not pairs:
            break
        merges.append(min(pairs, key=lambda pair: (-pairs[pair], pair)))
        words = Counter({join(word, merges[-1]): number for word, number in words.items()})
    return merges


def join(word, pair):
    joined = []
    for token in word:
        if joined and (joined[-1], token) == pair:
            joined[-1] += token
        else:
            joined.append(token)
    return tuple(joined)


def clip_tokenizer():
    """CLIP's pipeline over a vocabulary of its kind: bytes, bytes that end words, merges, start and end."""
    pipeline = CLIPTokenizer().backend_tokenizer
    lines = awkward.SENTENCES + ["A red tent stands on a green meadow.", "two birds, the sun; don't it's 12"]
    pieces = [piece for line in lines
              for piece, _ in pipeline.pre_tokenizer.pre_tokenize_str(pipeline.normalizer.normalize_str(line))]
    merges = learned_merges(pieces, 160)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), *("".join(pair) for pair in merges), START, END]
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=24)


def clip_ids(tokenizer, texts, limit):
    """Rows of one length, filled up with the end token, as Transformers pads them."""
    return tokenizer(texts, padding=True, truncation=True, max_length=limit, return_tensors="pt").input_ids


def clip_embeddings(model, pixels=None, ids=None):
    with torch.no_grad():
        if pixels is not None:
            return model.get_image_features(pixels).pooler_output
        return model.get_text_features(ids).pooler_output


def clip_scores(folder, model, tokenizer):
    images = unit(clip_embeddings(model, pixels=pixel_values(folder)))

    def embed(texts):
        limit = model.config.text_config.max_position_embeddings
        return unit(clip_embeddings(model, ids=clip_ids(tokenizer, [PROMPT + text for text in texts], limit)))

    rows = []
    for image, caption, references in CAPTIONS:
        candidate = embed([caption])[0]
        score = WEIGHT * max((candidate @ images[image]).item(), 0)
        closest = max((embed(references) @ candidate).max().item(), 0)
        both = 2 * score * closest / (score + closest) if score + closest > 0 else 0
        rows.append({"CLIPScore": score, "RefCLIPScore": both})
    # Both sides of the clipping.
    assert 0 < sum(row["CLIPScore"] > 0 for row in rows) < len(rows), [row["CLIPScore"] for row in rows]
    write_scores(folder, rows)


def save_clip(folder, model, pixels, ids):
    reference.save_tensors({
        "pixel_values": pixels,
        "input_ids": ids,
        "image_embeds": clip_embeddings(model, pixels=pixels),
        "text_embeds": clip_embeddings(model, ids=ids),
    }, folder / "expected.safetensors")


def make_clip(folder):
    tokenizer = clip_tokenizer()
    text = {"vocab_size": len(tokenizer), "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2,
            "num_attention_heads": 2, "max_position_embeddings": 24, "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id}
    vision = {"hidden_size": 12, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
              "image_size": 16, "patch_size": 4}
    torch.manual_seed(SEED)
    # Spread so wide that some captions have nothing to do with their image.
    model = reference.untame(CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=6)), SEED, 0.7)
    model.save_pretrained(folder)
    reference.write_json({"architectures": ["CLIPModel"], "model_type": "clip", "projection_dim": 6,
                          "text_config": text, "vision_config": vision}, folder / "config.json")
    tokenizer.save_pretrained(folder)
    CLIPImageProcessor(size={"shortest_edge": 20}, crop_size={"height": 16, "width": 16}).save_pretrained(folder)
    draw(folder)
    model, tokenizer = CLIPModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    save_clip(folder, model, pixel_values(folder), clip_ids(tokenizer, [caption for _, caption, _ in CAPTIONS], 24))
    clip_scores(folder, model, tokenizer)


def make_clip_options(folder):
    """An old file: the end token is that of the highest id, halves are described twice, positions are stored."""
    text = CLIPTextConfig(vocab_size=30, hidden_size=12, intermediate_size=10, num_hidden_layers=1, num_attention_heads=3,
                          max_position_embeddings=9, hidden_act="gelu", layer_norm_eps=1e-3, attention_dropout=0.3,
                          projection_dim=99, bos_token_id=0, eos_token_id=2, pad_token_id=1)
    vision = CLIPVisionConfig(hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=4,
                              image_size=12, patch_size=4, hidden_act="gelu_new", layer_norm_eps=1e-3,
                              attention_dropout=0.3, projection_dim=99)
    torch.manual_seed(2)
    config = CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=5,
                        logit_scale_init_value=1.5)
    reference.untame(CLIPModel(config), 2).save_pretrained(folder)
    weights = load_file(folder / "model.safetensors")
    weights["text_model.embeddings.position_ids"] = torch.arange(9)[None]
    weights["vision_model.embeddings.position_ids"] = torch.arange(10)[None]
    reference.save_tensors(weights, folder / "model.safetensors")
    config = config.to_dict()
    reference.write_json(config | {
        "text_config_dict": config["text_config"], "vision_config_dict": config["vision_config"],
        "text_config": {"hidden_size": 7}, "vision_config": {"image_size": 99}}, folder / "config.json")
    model = CLIPModel.from_pretrained(folder).eval()
    ids = torch.tensor([[0, 5, 7, 29, 1, 1], [0, 29, 3, 4, 29, 1], [0, 8, 9, 2, 11, 29], [0, 29, 1, 1, 1, 1]])
    save_clip(folder, model, reference.pictures(2, 3, 12, 12, seed=4), ids)


def make_clip_tokenizer(folder):
    """What Transformers makes of the awkward lines, as the folder is and with files of other ages."""
    lines = awkward.lines(awkward.SEED, awkward.LINES)
    flags = {"lstrip": False, "rstrip": False, "single_word": False}
    old = {
        # As openai/clip-vit-base-patch32 has them.
        "tokenizer_config.json": json.dumps({
            "unk_token": {"content": END, **flags, "normalized": True, "__type": "AddedToken"},
            "bos_token": {"content": START, **flags, "normalized": True, "__type": "AddedToken"},
            "eos_token": {"content": END, **flags, "normalized": True, "__type": "AddedToken"},
            "pad_token": END, "add_prefix_space": False, "errors": "replace", "do_lower_case": True,
            "model_max_length": 77, "tokenizer_class": "CLIPTokenizer"}),
        "special_tokens_map.json": json.dumps({
            "bos_token": {"content": START, **flags, "normalized": True},
            "eos_token": {"content": END, **flags, "normalized": True},
            "unk_token": {"content": END, **flags, "normalized": True}, "pad_token": END}),
    }
    described = []
    for name, files in (("as saved", {}), ("as CLIP's own files", old)):
        with tempfile.TemporaryDirectory() as temporary:
            case = type(folder)(temporary)
            tokenizer = AutoTokenizer.from_pretrained(folder / "clip")
            tokenizer.save_pretrained(case)
            if files:
                tokenizer.backend_tokenizer.model.save(str(case))
                (case / "tokenizer.json").unlink()
            for file, content in files.items():
                (case / file).write_text(content)
            (case / "config.json").write_text('{"model_type": "clip"}')
            expected = awkward.describe(AutoTokenizer.from_pretrained(case), lines, 60)
        described.append({"name": name, "base": "clip", "files": files, **expected})
    awkward.write_json(folder / "clip_tokenizer.json", described)


# BLIP


def blip_features(model, pixels, ids, mask):
    """Embeddings of images and texts, each by itself, and logits of the matching head for pairs of them."""
    with torch.no_grad():
        states = model.vision_model(pixels).last_hidden_state
        alone = model.text_encoder(ids, attention_mask=mask).last_hidden_state
        return {
            "image_embeds": model.vision_proj(states[:, 0]),
            "text_embeds": model.text_proj(alone[:, 0]),
            "itm_logits": model(ids, pixels[[row % len(pixels) for row in range(len(ids))]], attention_mask=mask).itm_score,
        }


def save_blip(folder, model, pixels, ids, mask):
    reference.save_tensors({
        "pixel_values": pixels, "input_ids": ids, "attention_mask": mask,
        **blip_features(model, pixels, ids, mask)}, folder / "expected.safetensors")


def make_blip(folder):
    """Everything but sizes at its default, and config.json silent about it."""
    tokenizer = pretrained.word_piece(BertTokenizer)
    text = {"vocab_size": len(tokenizer) + 2, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2,
            "max_position_embeddings": 48, "bos_token_id": len(tokenizer), "sep_token_id": tokenizer.sep_token_id}
    vision = {"hidden_size": 24, "intermediate_size": 16, "num_hidden_layers": 1, "image_size": 16, "patch_size": 8}
    torch.manual_seed(3)
    config = BlipConfig(text_config=text, vision_config=vision, image_text_hidden_size=6)
    reference.untame(BlipForImageTextRetrieval(config), 3).save_pretrained(folder)
    reference.write_json({"architectures": ["BlipForImageTextRetrieval"], "model_type": "blip",
                          "image_text_hidden_size": 6, "text_config": text, "vision_config": vision},
                         folder / "config.json")
    tokenizer.save_pretrained(folder)
    BlipImageProcessor(size={"height": 16, "width": 16}).save_pretrained(folder)
    draw(folder)
    model, tokenizer = BlipForImageTextRetrieval.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    pixels = pixel_values(folder)
    inputs = tokenizer([caption for _, caption, _ in CAPTIONS], padding=True, truncation=True, max_length=48,
                       return_tensors="pt")
    save_blip(folder, model, pixels, inputs.input_ids, inputs.attention_mask)
    rows = []
    for image, caption, _ in CAPTIONS:
        inputs = tokenizer(caption, truncation=True, max_length=48, return_tensors="pt")
        pair = {"input_ids": inputs.input_ids, "attention_mask": inputs.attention_mask,
                "pixel_values": pixels[image : image + 1]}
        with torch.no_grad():
            rows.append({"BLIP_ITM": model(**pair).itm_score.softmax(dim=-1)[0, 1].item(),
                         "BLIP_ITC": model(**pair, use_itm_head=False).itm_score.item()})
    write_scores(folder, rows)


def make_blip_options(folder):
    """Other activations, epsilons, heads and special tokens; a table of positions that old versions stored."""
    text = BlipTextConfig(vocab_size=28, hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3,
                          max_position_embeddings=30, hidden_act="gelu_new", layer_norm_eps=1e-3, label_smoothing=0.2,
                          bos_token_id=27, sep_token_id=3, pad_token_id=1, eos_token_id=5, encoder_hidden_size=99,
                          hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1, initializer_range=0.1,
                          tie_word_embeddings=False)
    vision = BlipVisionConfig(hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=2,
                              image_size=12, patch_size=4, hidden_act="quick_gelu", layer_norm_eps=1e-3,
                              attention_dropout=0.1, initializer_range=0.1)
    torch.manual_seed(4)
    config = BlipConfig(text_config=text, vision_config=vision, image_text_hidden_size=5, tie_word_embeddings=False)
    reference.untame(BlipForImageTextRetrieval(config), 4).save_pretrained(folder)
    weights = load_file(folder / "model.safetensors")
    weights["text_encoder.embeddings.position_ids"] = torch.arange(30)[None]
    reference.save_tensors(weights, folder / "model.safetensors")
    model = BlipForImageTextRetrieval.from_pretrained(folder).eval()
    ids = torch.tensor([[2, 9, 14, 7, 3, 1, 1], [2, 20, 3, 1, 1, 1, 1], [2, 4, 8, 11, 1, 6, 3]])
    mask = torch.tensor([[1] * 5 + [0] * 2, [1] * 3 + [0] * 4, [1] * 7])
    save_blip(folder, model, reference.pictures(2, 3, 12, 12, seed=5), ids, mask)


# SigLIP


def siglip_tokenizer(folder):
    """A small model of the kind of SigLIP's: padding, end and unknown first, normalised by nmt_nfkc."""
    unigram.train(folder / "spiece.model", unigram.training_lines() + [caption for _, caption, _ in CAPTIONS] * 20,
                  vocab_size=500, character_coverage=1.0, normalization_rule_name="nmt_nfkc_cf", pad_id=0, eos_id=1,
                  unk_id=2, bos_id=-1)
    return SiglipTokenizer(str(folder / "spiece.model"), model_max_length=24)


def siglip_embeddings(model, pixels, ids):
    with torch.no_grad():
        return {"image_embeds": model.get_image_features(pixels).pooler_output,
                "text_embeds": model.get_text_features(ids).pooler_output}


def save_siglip(folder, model, pixels, ids):
    with torch.no_grad():
        logits = model(input_ids=ids, pixel_values=pixels).logits_per_text
    reference.save_tensors({"pixel_values": pixels, "input_ids": ids, **siglip_embeddings(model, pixels, ids),
                            "logits": logits}, folder / "expected.safetensors")


def make_siglip(folder):
    """Everything but sizes at its default, and config.json silent about it."""
    tokenizer = siglip_tokenizer(folder)
    text = {"vocab_size": tokenizer.vocab_size, "hidden_size": 12, "intermediate_size": 16, "num_hidden_layers": 2,
            "max_position_embeddings": 24}
    vision = {"hidden_size": 12, "intermediate_size": 16, "num_hidden_layers": 1, "image_size": 16, "patch_size": 4}
    torch.manual_seed(SEED)
    model = reference.untame(SiglipModel(SiglipConfig(text_config=text, vision_config=vision)), SEED)
    with torch.no_grad():
        model.logit_scale.fill_(1.2)
        model.logit_bias.fill_(-0.4)
    model.save_pretrained(folder)
    reference.write_json({"architectures": ["SiglipModel"], "model_type": "siglip", "text_config": text,
                          "vision_config": vision}, folder / "config.json")
    # As google/siglip-base-patch16-224 has them.
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "clean_up_tokenization_spaces": True, "do_lower_case": True, "eos_token": "</s>", "model_input_names": ["input_ids"],
        "model_max_length": 24, "pad_token": "</s>", "sp_model_kwargs": {}, "tokenizer_class": "SiglipTokenizer",
        "unk_token": "<unk>"}))
    SiglipImageProcessor(size={"height": 16, "width": 16}).save_pretrained(folder)
    draw(folder)
    model, tokenizer = SiglipModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)

    def encode(texts):
        return tokenizer(texts, padding="max_length", truncation=True, max_length=24, return_tensors="pt").input_ids

    pixels = pixel_values(folder)
    save_siglip(folder, model, pixels, encode([caption for _, caption, _ in CAPTIONS]))
    rows = []
    for image, caption, _ in CAPTIONS:
        with torch.no_grad():
            logits = model(input_ids=encode([caption]), pixel_values=pixels[image : image + 1]).logits_per_image
        rows.append({"SigLIP": logits.sigmoid().item()})
    write_scores(folder, rows)


def make_siglip_options(folder):
    """Other activations, epsilons, heads and padding, a text part of another width than its embeddings."""
    text = {"vocab_size": 30, "hidden_size": 12, "intermediate_size": 10, "num_hidden_layers": 1, "num_attention_heads": 3,
            "max_position_embeddings": 9, "hidden_act": "gelu", "layer_norm_eps": 1e-3, "attention_dropout": 0.3,
            "projection_size": 8, "pad_token_id": 4}
    vision = {"hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2, "num_attention_heads": 4, "image_size": 12,
              "patch_size": 4, "hidden_act": "gelu_new", "layer_norm_eps": 1e-3, "attention_dropout": 0.3}
    torch.manual_seed(2)
    reference.untame(SiglipModel(SiglipConfig(text_config=text, vision_config=vision)), 2).save_pretrained(folder)
    model = SiglipModel.from_pretrained(folder).eval()
    ids = torch.tensor([[5, 7, 29, 1, 4, 4, 4, 4, 4], [1, 4, 4, 4, 4, 4, 4, 4, 4], [8, 9, 2, 11, 29, 5, 6, 7, 1]])
    save_siglip(folder, model, reference.pictures(2, 3, 12, 12, seed=4), ids)


def make_siglip_tokenizer(folder):
    """What Transformers makes of some of the awkward lines, those without special tokens."""
    lines = [line for line in awkward.lines(awkward.SEED, awkward.LINES)[::12] if "<" not in line]
    tokenizer = AutoTokenizer.from_pretrained(folder / "siglip")
    awkward.write_json(folder / "siglip_tokenizer.json", [
        {"text": line, "ids": tokenizer(line).input_ids,
         "decoded": tokenizer.decode(tokenizer(line).input_ids, skip_special_tokens=True)} for line in lines])


def make(folder):
    for name, make_model in (("clip", make_clip), ("clip-options", make_clip_options), ("blip-itm", make_blip),
                             ("blip-itm-options", make_blip_options), ("siglip", make_siglip),
                             ("siglip-options", make_siglip_options)):
        (folder / name).mkdir(exist_ok=True)
        make_model(folder / name)
    make_clip_tokenizer(folder)
    make_siglip_tokenizer(folder)
