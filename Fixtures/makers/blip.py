"""Small random BLIP captioners, and what Transformers computes with them.

`blip` is a whole captioning folder whose config.json says as little as those on the Hub do; `blip-options` has every
option of the configuration switched on, and a file like old ones. Both hold a checkpoint, `expected.safetensors`
(inputs, hidden states, logits, loss, gradients under the file's parameter names, also with a prompt that is left out of
the loss) and `generation.json` (ids of greedy and beam search, without and with a prompt). `training` holds a run of
Transformers' Trainer: the checkpoint that it starts from, the loss of each step and the weights at the end. `original` is
`blip` with the weights as BLIP's own code stores them.
"""
import copy
import shutil

import support.quiet  # noqa: F401
import torch
from makers import pretrained, training
from safetensors.torch import load_file
from support import families, reference
from transformers import (
    BertTokenizer,
    BlipConfig,
    BlipForConditionalGeneration,
    BlipImageProcessor,
    BlipTextConfig,
    BlipVisionConfig,
)

LIMIT = 12
GREEDY = {"num_beams": 1, "max_length": LIMIT}
BEAMS = {"num_beams": 4, "max_length": LIMIT}
VARIANTS = {
    "defaults": {},
    "greedy": GREEDY,
    "greedy, no repeated bigram": {**GREEDY, "no_repeat_ngram_size": 2},
    "greedy, repetition penalty": {**GREEDY, "repetition_penalty": 1.7},
    "greedy, minimal length": {**GREEDY, "min_length": 7},
    "greedy, new tokens limited": {"num_beams": 1, "max_new_tokens": 4},
    "4 beams": BEAMS,
    "4 beams, no repeated bigram": {**BEAMS, "no_repeat_ngram_size": 2},
    "3 beams, all returned": {**BEAMS, "num_beams": 3, "num_return_sequences": 3},
    "5 beams, stop early, favour long": {**BEAMS, "num_beams": 5, "early_stopping": True, "length_penalty": 2.0},
}
PROMPT = "a red tent"


def captioner(text, vision, seed, **options):
    torch.manual_seed(seed)
    config = BlipConfig(text_config=text, vision_config=vision, **options)
    return reference.untame(BlipForConditionalGeneration(config), seed)


def generate(model, pixel_values, options, prompt):
    """What `generate` returns. `prompt` is as a tokenizer gives it, between two special tokens."""
    inputs = {} if prompt is None else {"input_ids": torch.tensor([prompt] * len(pixel_values))}
    with torch.no_grad():
        output = model.generate(
            pixel_values=pixel_values, do_sample=False, return_dict_in_generate=True, output_scores=True,
            **inputs, **options)
    scores = getattr(output, "sequences_scores", None)
    return {
        "options": options,
        "prompt": None if prompt is None else prompt[1:-1],
        "sequences": output.sequences.tolist(),
        "sequences_scores": None if scores is None else scores.tolist(),
    }


def generations(model, pixel_values, prompt):
    """Every variant without and with the prompt; double precision must give the same ids."""
    double = copy.deepcopy(model).double()
    results = []
    for name, options in VARIANTS.items():
        for given in (None, prompt):
            result = generate(model, pixel_values, options, given)
            if generate(double, pixel_values.double(), options, given)["sequences"] != result["sequences"]:
                raise RuntimeError(f"{name}: the ids hang on rounding; choose another seed")
            results.append({"name": name + ("" if given is None else ", prompt"), **result})
    return results


def forced(model, labels, prompt=()):
    """Tokens and labels [rows, width] as BLIP's forward pass takes them, one position further than the labels: the start
    token, the prompt, then the labels with padding where there are none."""
    text = model.config.text_config
    start = torch.tensor([[text.bos_token_id, *prompt]] * len(labels))
    tokens = torch.cat([start, labels.masked_fill(labels == reference.IGNORED, text.pad_token_id)], dim=1)
    return tokens, torch.cat([torch.full_like(start, reference.IGNORED), labels], dim=1)


def expected(model, pixel_values, labels, prompt):
    """A pass forwards and backwards, and one with the prompt before each caption and left out of the loss."""
    results = {"pixel_values": pixel_values}
    for name, given in (("", ()), ("prompted_", prompt)):
        model.zero_grad()
        tokens, targets = forced(model, labels, given)
        output = model(pixel_values=pixel_values, input_ids=tokens, labels=targets)
        output.loss.backward()
        results |= {
            f"{name}decoder_input_ids": tokens[:, :-1],
            f"{name}labels": targets[:, 1:],
            f"{name}logits": output.logits[:, :-1].detach(),
            f"{name}loss": output.loss.detach(),
        }
        if not given:
            results |= {"encoder_hidden": output.last_hidden_state.detach(), **reference.gradients(model)}
    return results


def interpolated(model, pixel_values):
    with torch.no_grad():
        hidden = model.vision_model(pixel_values, interpolate_pos_encoding=True).last_hidden_state
    return {"interpolated_pixel_values": pixel_values, "interpolated_encoder_hidden": hidden}


def write(folder, model, side, prompt):
    """Everything for one model but the checkpoint."""
    text = model.config.text_config
    pixel_values = reference.pictures(3, 3, side, side, seed=1)
    labels = reference.captions([6, 8, 3], text.vocab_size - 2, seed=2, end=text.sep_token_id)
    tensors = expected(model, pixel_values, labels, prompt[1:-1])
    tensors |= interpolated(model, reference.pictures(2, 3, side + 8, side - 4, seed=3))
    reference.save_tensors(tensors, folder / "expected.safetensors")
    reference.write_json(generations(model, pixel_values, prompt), folder / "generation.json")


def let_end(model, side):
    reference.let_end(model, reference.pictures(3, 3, side, side, seed=1), model.config.text_config.sep_token_id,
                      [GREEDY, BEAMS], decoder=model.text_decoder)


def make_blip(folder):
    """A tokenizer that lacks the last two of the model's words, the start token among them, as BLIP's does; everything
    but sizes at its default, and config.json silent about it."""
    tokenizer = pretrained.word_piece(BertTokenizer)
    text = {"vocab_size": len(tokenizer) + 2, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2,
            "max_position_embeddings": 40, "bos_token_id": len(tokenizer), "sep_token_id": tokenizer.sep_token_id}
    vision = {"hidden_size": 24, "intermediate_size": 16, "num_hidden_layers": 1, "image_size": 16, "patch_size": 8}
    model = captioner(BlipTextConfig(**text), BlipVisionConfig(**vision), seed=3)
    let_end(model, 16)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    BlipImageProcessor(size={"height": 16, "width": 16}).save_pretrained(folder)
    # Transformers doesn't read it: it is the text decoder that generates.
    reference.write_json({"bos_token_id": 5, "eos_token_id": 2, "num_beams": 3, "max_length": 7},
                         folder / "generation_config.json")
    reference.write_json({"architectures": ["BlipForConditionalGeneration"], "model_type": "blip",
                          "text_config": text, "vision_config": vision}, folder / "config.json")
    model = BlipForConditionalGeneration.from_pretrained(folder).eval()
    write(folder, model, 16, tokenizer(PROMPT).input_ids)
    families.write_caption(
        folder, model, generate, (GREEDY, BEAMS, {**BEAMS, "num_return_sequences": 4}), (None, PROMPT))


def make_options(folder):
    """Other activations, epsilons and heads, smoothed labels, a head of its own, other special tokens, generation options
    in config.json; a table of positions that old versions stored."""
    model = captioner(
        BlipTextConfig(vocab_size=28, hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3,
                       max_position_embeddings=30, hidden_act="gelu_new", layer_norm_eps=1e-3, label_smoothing=0.2,
                       bos_token_id=27, sep_token_id=3, pad_token_id=1, eos_token_id=5, encoder_hidden_size=99,
                       hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.1,
                       tie_word_embeddings=False),
        BlipVisionConfig(hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=2,
                         image_size=12, patch_size=4, hidden_act="quick_gelu", layer_norm_eps=1e-3,
                         attention_dropout=0.0, initializer_range=0.1),
        seed=4, tie_word_embeddings=False)
    let_end(model, 12)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    weights = load_file(folder / "model.safetensors")
    weights["text_decoder.bert.embeddings.position_ids"] = torch.arange(30)[None]
    reference.save_tensors(weights, folder / "model.safetensors")
    config = model.config.to_dict()
    config["text_config"] |= {"max_length": 9, "num_beams": 3, "no_repeat_ngram_size": 2, "min_length": 4}
    reference.write_json(config, folder / "config.json")
    model = BlipForConditionalGeneration.from_pretrained(folder).eval()
    write(folder, model, 12, [2, 9, 14, 7, 3])


def make_training(folder):
    """30 steps with the model's own smoothing, captions between start and [SEP]."""
    start, end, pad = 48, 45, 46
    model = captioner(
        BlipTextConfig(vocab_size=50, hidden_size=8, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
                       max_position_embeddings=24, bos_token_id=start, sep_token_id=end, pad_token_id=pad,
                       label_smoothing=0.1),
        BlipVisionConfig(hidden_size=12, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
                         image_size=training.SIZE, patch_size=4),
        seed=1)
    families.write_run(folder, model, start, end, pad)


def original_name(name):
    """What BLIP's own code calls a weight of the vision part; those of the text part have the same names."""
    for ours, theirs in (
            ("vision_model.embeddings.class_embedding", "visual_encoder.cls_token"),
            ("vision_model.embeddings.position_embedding", "visual_encoder.pos_embed"),
            ("vision_model.embeddings.patch_embedding", "visual_encoder.patch_embed.proj"),
            ("vision_model.post_layernorm", "visual_encoder.norm"),
            ("vision_model.encoder.layers", "visual_encoder.blocks"),
            ("self_attn.projection", "attn.proj"), ("self_attn", "attn"), ("layer_norm", "norm")):
        name = name.replace(ours, theirs)
    return name


def make_original(folder):
    """A file as LAVIS's: weights under `model`, the tied head and a table of positions too, beside the state of a run."""
    source = folder.parent / "blip"
    weights = {original_name(name): value for name, value in load_file(source / "model.safetensors").items()}
    words = weights["text_decoder.bert.embeddings.word_embeddings.weight"]
    weights["text_decoder.cls.predictions.decoder.weight"] = words
    weights["text_decoder.cls.predictions.decoder.bias"] = weights["text_decoder.cls.predictions.bias"]
    weights["text_decoder.bert.embeddings.position_ids"] = torch.arange(40)[None]
    torch.save({"model": weights, "config": {"vit": "base"}, "epoch": 4}, folder / "model.pth")
    for name in ("config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(source / name, folder / name)


def make(folder):
    cases = {"blip": make_blip, "blip-options": make_options, "training": make_training, "original": make_original}
    for name, make_case in cases.items():
        (folder / name).mkdir(exist_ok=True)
        make_case(folder / name)
