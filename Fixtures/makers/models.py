"""Small random ViT + GPT-2 checkpoints as Transformers writes them, and what Transformers computes with them.

Every folder holds a checkpoint, `expected.safetensors` (inputs, hidden states, logits, loss, gradients under the
file's parameter names) and `generation.json` (ids of greedy and beam search under many options).
"""
import support.quiet  # noqa: F401
import torch
from PIL import Image, ImageDraw
from support import reference, tiny_tokenizer
from transformers import (
    AutoImageProcessor,
    AutoTokenizer,
    GPT2Config,
    VisionEncoderDecoderModel,
    ViTConfig,
    ViTImageProcessor,
)

LIMIT = 12
GREEDY = {"num_beams": 1, "max_length": LIMIT}
BEAMS = {"num_beams": 4, "max_length": LIMIT}
NO_DROPOUT = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}


def variants(first, second):
    """Options of `generate` by name; `first` and `second` are two ids, the first the usual end."""
    return {
        "greedy": GREEDY,
        "greedy, no repeated bigram": {**GREEDY, "no_repeat_ngram_size": 2},
        "greedy, repetition penalty": {**GREEDY, "repetition_penalty": 1.7},
        "greedy, minimal length": {**GREEDY, "min_length": 7},
        "greedy, new tokens limited": {"num_beams": 1, "max_new_tokens": 4},
        "greedy, two ends": {**GREEDY, "eos_token_id": [first, second]},
        "2 beams": {**BEAMS, "num_beams": 2},
        "4 beams": BEAMS,
        "5 beams, stop early": {**BEAMS, "num_beams": 5, "early_stopping": True},
        "5 beams, never stop early": {**BEAMS, "num_beams": 5, "early_stopping": "never"},
        "4 beams, favour short": {**BEAMS, "length_penalty": -1.0},
        "4 beams, favour long": {**BEAMS, "length_penalty": 2.0},
        "4 beams, never stop early, favour long": {**BEAMS, "length_penalty": 2.0, "early_stopping": "never"},
        "3 beams, no repeated trigram": {**BEAMS, "num_beams": 3, "no_repeat_ngram_size": 3},
        "4 beams, repetition penalty": {**BEAMS, "repetition_penalty": 1.3},
        "4 beams, minimal length": {**BEAMS, "min_length": 8},
        "4 beams, 3 returned": {**BEAMS, "num_return_sequences": 3},
        "4 beams, two ends": {**BEAMS, "eos_token_id": [first, second], "num_return_sequences": 2},
    }


def write_expectations(model, folder, pixel_values, labels, names, more=None):
    tensors = reference.expected(model, pixel_values, labels)
    reference.save_tensors({**tensors, **(more or {})}, folder / "expected.safetensors")
    reference.write_json(reference.generations(model, pixel_values, names), folder / "generation.json")


def make_vit_gpt2(folder):
    """Everything at its default; start, end and padding are one token, as with GPT-2. A whole captioning folder."""
    tokenizer = tiny_tokenizer.train()
    vocabulary, token = len(tokenizer), tokenizer.eos_token_id
    model = reference.join(
        ViTConfig(hidden_size=12, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
                  image_size=18, patch_size=6),
        GPT2Config(vocab_size=vocabulary, n_positions=24, n_embd=12, n_layer=2, n_head=2,
                   bos_token_id=token, eos_token_id=token, **NO_DROPOUT),
        start=token, end=token, pad=token, seed=14)
    pixel_values = reference.pictures(3, 3, 18, 18, seed=2)
    labels = reference.captions([8, 3, 6], vocabulary, seed=3, end=token)
    reference.let_end(model, pixel_values, token, [GREEDY, BEAMS])
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    ViTImageProcessor(size={"height": 18, "width": 18}).save_pretrained(folder)

    write_expectations(
        model, folder, pixel_values, labels, {"defaults": {}, **variants(token, 61)},
        reference.interpolated(model, reference.pictures(2, 3, 30, 24, seed=4)))
    write_caption(folder)


def draw_scene(path):
    scene = Image.new("RGB", (40, 30), (150, 190, 230))
    draw = ImageDraw.Draw(scene)
    draw.rectangle((0, 20, 39, 29), fill=(90, 140, 60))
    draw.ellipse((24, 3, 34, 13), fill=(250, 220, 80))
    draw.polygon([(4, 20), (12, 6), (20, 20)], fill=(180, 60, 50))
    scene.save(path, optimize=True)


def write_caption(folder):
    """A picture file, and the captions that a Python user of the folder would get for it."""
    draw_scene(folder / "scene.png")
    model = VisionEncoderDecoderModel.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    pixel_values = processor(Image.open(folder / "scene.png").convert("RGB"), return_tensors="pt").pixel_values
    rows = []
    for options in (GREEDY, BEAMS, {**BEAMS, "num_return_sequences": 4}):
        row = reference.generate(model, pixel_values, options)
        row["captions"] = tokenizer.batch_decode(row["sequences"], skip_special_tokens=True)
        rows.append(row)
    reference.write_json(rows, folder / "caption.json")


def make_projection(folder):
    """Different widths, two channels, oblong pictures and patches, no query, key and value biases, no pooler;
    start, end and padding are three tokens."""
    model = reference.join(
        ViTConfig(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20,
                  image_size=[16, 24], patch_size=[8, 6], num_channels=2, qkv_bias=False,
                  hidden_act="gelu_new", layer_norm_eps=1e-5),
        GPT2Config(vocab_size=40, n_positions=16, n_embd=12, n_layer=2, n_head=3, n_inner=20,
                   activation_function="relu", layer_norm_epsilon=1e-3, bos_token_id=1, eos_token_id=2,
                   pad_token_id=0, **NO_DROPOUT),
        start=1, end=2, pad=0, pooler=False, seed=15)
    pixel_values = reference.pictures(3, 2, 16, 24, seed=5)
    labels = reference.captions([4, 9, 2], 40, seed=6, end=2)
    reference.let_end(model, pixel_values, 2, [GREEDY, BEAMS])
    model.save_pretrained(folder)
    write_expectations(model, folder, pixel_values, labels, variants(2, 16))


def make_options(folder):
    """Attention scaled by the layer's index and upcast, a head of its own, the cross-attention's width declared."""
    model = reference.join(
        ViTConfig(hidden_size=10, num_hidden_layers=2, num_attention_heads=2, intermediate_size=18,
                  image_size=12, patch_size=4, hidden_act="relu"),
        GPT2Config(vocab_size=36, n_positions=16, n_embd=10, n_layer=2, n_head=2, n_inner=18,
                   activation_function="gelu", scale_attn_weights=True, scale_attn_by_inverse_layer_idx=True,
                   reorder_and_upcast_attn=True, cross_attention_hidden_size=10, tie_word_embeddings=False,
                   bos_token_id=3, eos_token_id=2, **NO_DROPOUT),
        start=3, end=2, pad=2, seed=24)
    pixel_values = reference.pictures(3, 3, 12, 12, seed=7)
    labels = reference.captions([5, 7, 4], 36, seed=8, end=2)
    reference.let_end(model, pixel_values, 2, [GREEDY, BEAMS])
    model.save_pretrained(folder)
    model.decoder.set_attn_implementation("eager")  # the only implementation that upcasts
    tensors = reference.expected(model, pixel_values, labels)
    reference.save_tensors(tensors, folder / "expected.safetensors")
    model.decoder.set_attn_implementation("sdpa")
    reference.write_json(reference.generations(model, pixel_values, variants(2, 31)), folder / "generation.json")


def make_unscaled(folder):
    """A folder as Transformers 4 left them: a pickle in half precision with the tied head and the causal masks in
    it, a feature extractor's configuration, a tokenizer without tokenizer.json, generation options in config.json."""
    tokenizer = tiny_tokenizer.train()
    vocabulary, token = len(tokenizer), tokenizer.eos_token_id
    encoder = ViTConfig(hidden_size=12, num_hidden_layers=1, num_attention_heads=2, intermediate_size=20,
                        image_size=12, patch_size=4, hidden_act="gelu_fast")
    decoder = GPT2Config(vocab_size=vocabulary, n_positions=20, n_embd=12, n_layer=2, n_head=3, n_inner=20,
                         activation_function="silu", scale_attn_weights=False,
                         bos_token_id=token, eos_token_id=token, pad_token_id=token, **NO_DROPOUT)
    model = reference.join(encoder, decoder, start=token, end=token, pad=token, seed=17)
    pixel_values = reference.pictures(3, 3, 12, 12, seed=9)
    labels = reference.captions([6, 4, 7], vocabulary, seed=10, end=token, width=9)
    reference.let_end(model, pixel_values, token, [GREEDY, BEAMS])

    torch.save(legacy_weights(model), folder / "pytorch_model.bin")
    reference.write_json(legacy_config(encoder, decoder, token), folder / "config.json")
    reference.write_json(
        {"do_normalize": True, "do_resize": True, "feature_extractor_type": "ViTFeatureExtractor",
         "image_mean": [0.5, 0.4, 0.3], "image_std": [0.5, 0.25, 0.2], "resample": 3, "size": 12},
        folder / "preprocessor_config.json")
    tiny_tokenizer.save_legacy(tokenizer, folder)

    model = VisionEncoderDecoderModel.from_pretrained(folder).eval()
    assert model.dtype == torch.float32
    names = {"as config.json says": {}, **variants(token, 40)}
    write_expectations(model, folder, pixel_values, labels, names)


def legacy_weights(model):
    """The state dictionary that Transformers 4 pickled: half precision, masks as buffers, the head twice."""
    weights = {name: tensor.half() for name, tensor in reference.file_names(
        model, {k: v.detach() for k, v in model.named_parameters()}).items()}
    positions = model.config.decoder.n_positions
    mask = torch.tril(torch.ones(positions, positions, dtype=torch.uint8)).view(1, 1, positions, positions)
    for layer in range(model.config.decoder.n_layer):
        for attention in ("attn", "crossattention"):
            path = f"decoder.transformer.h.{layer}.{attention}"
            weights[f"{path}.bias"] = mask
            weights[f"{path}.masked_bias"] = torch.tensor(-1e4)
    weights["decoder.lm_head.weight"] = weights["decoder.transformer.wte.weight"]
    return weights


def legacy_config(encoder, decoder, token):
    """config.json in the shape of Transformers 4.15, where every sub-configuration carried every generation option."""
    everywhere = {
        "_name_or_path": "", "bad_words_ids": None, "chunk_size_feed_forward": 0,
        "cross_attention_hidden_size": None, "decoder_start_token_id": None, "diversity_penalty": 0.0,
        "do_sample": False, "early_stopping": False, "encoder_no_repeat_ngram_size": 0, "finetuning_task": None,
        "forced_bos_token_id": None, "forced_eos_token_id": None, "id2label": {"0": "LABEL_0", "1": "LABEL_1"},
        "is_encoder_decoder": False, "label2id": {"LABEL_0": 0, "LABEL_1": 1}, "length_penalty": 1.0,
        "max_length": 20, "min_length": 0, "no_repeat_ngram_size": 0, "num_beam_groups": 1, "num_beams": 1,
        "num_return_sequences": 1, "output_attentions": False, "output_hidden_states": False,
        "output_scores": False, "prefix": None, "problem_type": None, "pruned_heads": {},
        "remove_invalid_values": False, "repetition_penalty": 1.0, "return_dict": True,
        "return_dict_in_generate": False, "sep_token_id": None, "task_specific_params": None, "temperature": 1.0,
        "tie_encoder_decoder": False, "tie_word_embeddings": True, "tokenizer_class": None, "top_k": 50,
        "top_p": 1.0, "torch_dtype": None, "torchscript": False, "transformers_version": "4.15.0",
        "use_bfloat16": False,
    }
    return {
        "architectures": ["VisionEncoderDecoderModel"],
        "bos_token_id": token,
        "decoder": {**everywhere, **decoder.to_diff_dict(), "model_type": "gpt2", "architectures": ["GPT2LMHeadModel"],
                    "is_decoder": True, "add_cross_attention": True, "decoder_start_token_id": token, "n_ctx": 20,
                    "no_repeat_ngram_size": 2, "transformers_version": "4.15.0"},
        "decoder_start_token_id": token,
        "encoder": {**everywhere, **encoder.to_diff_dict(), "model_type": "vit", "architectures": ["ViTModel"],
                    "add_cross_attention": False, "is_decoder": False, "qkv_bias": True, "num_channels": 3,
                    "transformers_version": "4.15.0"},
        "eos_token_id": token,
        "is_encoder_decoder": True,
        "max_length": 10,
        "model_type": "vision-encoder-decoder",
        "num_beams": 3,
        "pad_token_id": token,
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
        "transformers_version": None,
    }


def make(folder):
    cases = {
        "vit-gpt2": make_vit_gpt2,
        "vit-gpt2-projection": make_projection,
        "vit-gpt2-options": make_options,
        "vit-gpt2-unscaled": make_unscaled,
    }
    for name, make_case in cases.items():
        (folder / name).mkdir(exist_ok=True)
        make_case(folder / name)
