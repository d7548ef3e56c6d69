"""Small random GIT captioners, and what Transformers computes with them.

`git` is a whole captioning folder whose config.json leaves everything but sizes and special tokens to the defaults;
`git-options` has every option of the configuration switched on that one image needs, and a file like old ones. Both hold
a checkpoint, `expected.safetensors` (inputs, hidden states, logits, loss, gradients under the file's parameter names, also
with a prompt that is left out of the loss) and `generation.json` (ids of greedy and beam search, without and with a
prompt). `training` holds a run of Transformers' Trainer: the checkpoint that it starts from, the loss of each step and the
weights at the end.
"""
import copy

import support.quiet  # noqa: F401
import torch
from makers import pretrained, training
from makers.blip import BEAMS, GREEDY, PROMPT, VARIANTS
from safetensors.torch import load_file
from support import families, reference
from transformers import (
    BertTokenizer,
    CLIPImageProcessor,
    GitConfig,
    GitForCausalLM,
)


def captioner(seed, **options):
    torch.manual_seed(seed)
    return reference.untame(GitForCausalLM(GitConfig(**options)), seed)


def generate(model, pixel_values, options, prompt, **settings):
    """What `generate` returns. `prompt` is as a tokenizer gives it, between two special tokens, of which the model is
    given the first."""
    inputs = {} if prompt is None else {"input_ids": torch.tensor([prompt[:-1]] * len(pixel_values))}
    with torch.no_grad():
        output = model.generate(
            pixel_values=pixel_values, do_sample=False, return_dict_in_generate=True, output_scores=True,
            **inputs, **options, **settings)
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
    """Tokens and labels [rows, width] as GIT's forward pass takes them, one position further than the labels: the start
    token, the prompt, then the labels with padding where there are none."""
    start = torch.tensor([[model.config.bos_token_id, *prompt]] * len(labels))
    tokens = torch.cat([start, labels.masked_fill(labels == reference.IGNORED, model.config.pad_token_id)], dim=1)
    return tokens, torch.cat([torch.full_like(start, reference.IGNORED), labels], dim=1)


def expected(model, pixel_values, labels, prompt):
    """A pass forwards and backwards, and one with the prompt before each caption and left out of the loss."""
    with torch.no_grad():
        hidden = model.git.image_encoder(pixel_values).last_hidden_state
        projected = model.git.visual_projection(hidden)
    results = {"pixel_values": pixel_values, "encoder_hidden": hidden, "projected": projected}
    for name, given in (("", ()), ("prompted_", prompt)):
        model.zero_grad()
        tokens, targets = forced(model, labels, given)
        output = model(pixel_values=pixel_values, input_ids=tokens, labels=targets)
        output.loss.backward()
        results |= {
            f"{name}decoder_input_ids": tokens[:, :-1],
            f"{name}labels": targets[:, 1:],
            f"{name}logits": output.logits[:, hidden.shape[1]:-1].detach(),
            f"{name}loss": output.loss.detach(),
        }
        if not given:
            results |= reference.gradients(model)
    return results


def interpolated(model, pixel_values):
    with torch.no_grad():
        hidden = model.git.image_encoder(pixel_values, interpolate_pos_encoding=True).last_hidden_state
    return {"interpolated_pixel_values": pixel_values, "interpolated_encoder_hidden": hidden}


def first_end(model):
    end = model.config.eos_token_id
    return end[0] if isinstance(end, list) else end


def inputs(model):
    vision = model.config.vision_config
    return reference.pictures(3, vision.num_channels, vision.image_size, vision.image_size, seed=1)


def write(folder, model, prompt):
    """Everything for one model but the checkpoint."""
    vision = model.config.vision_config
    pixel_values = inputs(model)
    labels = reference.captions([6, 8, 3], model.config.vocab_size, seed=2, end=first_end(model))
    tensors = expected(model, pixel_values, labels, prompt[1:-1])
    tensors |= interpolated(model, reference.pictures(
        2, vision.num_channels, vision.image_size + 8, vision.image_size - 4, seed=3))
    reference.save_tensors(tensors, folder / "expected.safetensors")
    reference.write_json(generations(model, pixel_values, prompt), folder / "generation.json")


def let_end(model):
    reference.let_end(model, inputs(model), first_end(model), [GREEDY, BEAMS], decoder=model,
                      norm=model.git.encoder.layer[-1].output.LayerNorm)


def make_git(folder):
    """A whole folder; everything but sizes and special tokens at its default, and config.json silent about it."""
    tokenizer = pretrained.word_piece(BertTokenizer)
    sizes = {"vocab_size": len(tokenizer), "hidden_size": 24, "intermediate_size": 16, "num_hidden_layers": 2,
             "max_position_embeddings": 40, "bos_token_id": tokenizer.cls_token_id,
             "eos_token_id": tokenizer.sep_token_id,
             "vision_config": {"hidden_size": 12, "intermediate_size": 16, "num_hidden_layers": 1, "image_size": 16,
                               "patch_size": 8}}
    model = captioner(seed=5, **sizes)
    let_end(model)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    CLIPImageProcessor(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16}).save_pretrained(folder)
    reference.write_json({"bos_token_id": tokenizer.cls_token_id, "eos_token_id": tokenizer.sep_token_id,
                          "pad_token_id": 0, "num_beams": 3}, folder / "generation_config.json")
    reference.write_json({"architectures": ["GitForCausalLM"], "model_type": "git", **sizes}, folder / "config.json")
    model = GitForCausalLM.from_pretrained(folder).eval()
    write(folder, model, tokenizer(PROMPT).input_ids)
    families.write_caption(
        folder, model, generate, (GREEDY, BEAMS, {**BEAMS, "num_return_sequences": 4}), (None, PROMPT))


def make_options(folder):
    """Other activations, epsilons, heads and channels, a head that is the embedding, other special tokens, two of them ends,
    generation options in config.json; tables of positions that old versions stored."""
    model = captioner(
        vocab_size=28, hidden_size=12, intermediate_size=20, num_hidden_layers=3, num_attention_heads=3,
        max_position_embeddings=30, hidden_act="gelu_new", layer_norm_eps=1e-3, bos_token_id=2, eos_token_id=[3, 5],
        pad_token_id=1, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.1,
        tie_word_embeddings=True,
        vision_config={"hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2,
                       "num_channels": 1, "image_size": 12, "patch_size": 4, "hidden_act": "gelu",
                       "layer_norm_eps": 1e-2, "attention_dropout": 0.0, "initializer_range": 0.1},
        seed=13)
    let_end(model)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    weights = load_file(folder / "model.safetensors")
    weights["git.embeddings.position_ids"] = torch.arange(30)[None]
    weights["git.image_encoder.vision_model.embeddings.position_ids"] = torch.arange(10)[None]
    reference.save_tensors(weights, folder / "model.safetensors")
    config = model.config.to_dict()
    config |= {"max_length": 9, "num_beams": 3, "no_repeat_ngram_size": 2, "min_length": 4}
    reference.write_json(config, folder / "config.json")
    model = GitForCausalLM.from_pretrained(folder).eval()
    write(folder, model, [2, 9, 14, 7, 3])


def make_training(folder):
    """30 steps on captions between [CLS] and [SEP]."""
    start, end, pad = 44, 45, 46
    model = captioner(
        vocab_size=48, hidden_size=8, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=24, bos_token_id=start, eos_token_id=end, pad_token_id=pad, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        vision_config={"hidden_size": 12, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
                       "image_size": training.SIZE, "patch_size": 4},
        seed=1)
    families.write_run(folder, model, start, end, pad)


def make(folder):
    cases = {"git": make_git, "git-options": make_options, "training": make_training}
    for name, make_case in cases.items():
        (folder / name).mkdir(exist_ok=True)
        make_case(folder / name)
