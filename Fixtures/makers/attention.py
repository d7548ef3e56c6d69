"""Where Transformers' models look while they generate, for the models of the other parts.

`expected.safetensors` has for each caption a tensor [generated tokens, layers, image states]: the softmax probabilities of
the attention to the image at the step that gave each token, averaged over heads, as `generate(output_attentions=True)`
returns them, with beams those of the caption that won. `cases.json` says which captions these are. GIT attends to image
and words in one sequence: of its probabilities those of the image are divided by their sum. BLIP's generation returns no
attention to the image; its finished captions go through the text decoder once more.
"""
import json
import pathlib

import support.quiet  # noqa: F401
import torch
from makers import blip
from safetensors.torch import load_file
from support import reference
from transformers import BlipForConditionalGeneration, GitForCausalLM, VisionEncoderDecoderModel

FIXTURES = pathlib.Path(__file__).resolve().parent.parent
PAIRS = ["models/vit-gpt2", "models/vit-gpt2-options", "models/vit-gpt2-projection"] + [
    f"architectures/{name}" for name in (
        "deit-bert", "deit-roberta", "beit-bert", "beit-gpt2", "swin-bert", "swin-gpt2", "swin-roberta", "vit-bart",
        "vit-bert-generation", "vit-camembert", "vit-electra", "vit-mbart", "vit-trocr", "vit-xlm-roberta")]
LIMIT = 9
VARIANTS = {
    "greedy": {"num_beams": 1, "max_length": LIMIT},
    "beams": {"num_beams": 4, "num_return_sequences": 2, "max_length": LIMIT},
}
PROMPT = [7, 9]


def ends(model):
    end = model.generation_config.eos_token_id
    return set(end if isinstance(end, list) else [end])


def lengths(output, prompt_length, end):
    """How many tokens of each row were generated."""
    if output.get("beam_indices") is not None:
        return (output.beam_indices >= 0).sum(1).tolist()
    counts = []
    for row in output.sequences.tolist():
        generated = row[prompt_length:]
        stop = next((i + 1 for i, token in enumerate(generated) if token in end), len(generated))
        counts.append(stop)
    return counts


def chosen(output, steps, row, count):
    """What the last position of a row's step looked at, [count, layers, keys], averaged over heads."""
    beams = output.get("beam_indices")
    result = []
    for step in range(count):
        at = row if beams is None else int(beams[row, step])
        result.append(torch.stack([layer[at, :, -1].mean(0) for layer in steps[step]]))
    return result


def of_pair(model, pixel_values, options, prompt):
    given = {}
    if prompt:
        start = model.generation_config.decoder_start_token_id or model.generation_config.bos_token_id
        given["decoder_input_ids"] = torch.tensor([[start, *prompt]] * len(pixel_values))
    output = model.generate(pixel_values=pixel_values, do_sample=False, return_dict_in_generate=True,
                            output_attentions=True, output_scores=True, **given, **options)
    prompt_length = 1 + len(prompt)
    for row, count in enumerate(lengths(output, prompt_length, ends(model))):
        yield output.sequences[row][:prompt_length + count].tolist(), torch.stack(
            chosen(output, output.cross_attentions, row, count))


def of_git(model, pixel_values, options, prompt):
    start = model.config.bos_token_id
    output = model.generate(pixel_values=pixel_values, do_sample=False, return_dict_in_generate=True,
                            input_ids=torch.tensor([[start, *prompt]] * len(pixel_values)),
                            output_attentions=True, output_scores=True, **options)
    states = (model.config.vision_config.image_size // model.config.vision_config.patch_size)**2 + 1
    prompt_length = 1 + len(prompt)
    end = model.config.eos_token_id
    for row, count in enumerate(lengths(output, prompt_length, set(end if isinstance(end, list) else [end]))):
        image = torch.stack([step[:, :states] for step in chosen(output, output.attentions, row, count)])
        yield (output.sequences[row][:prompt_length + count].tolist(), image / image.sum(-1, keepdim=True))


def of_blip(model, pixel_values, options, prompt):
    """`prompt` is as a tokenizer gives it, between two special tokens."""
    result = blip.generate(model, pixel_values, options, [0, *prompt, 0] if prompt else None)
    image = model.vision_model(pixel_values).last_hidden_state
    per_image = len(result["sequences"]) // len(pixel_values)
    end = model.config.text_config.sep_token_id
    prompt_length = 1 + len(prompt)
    for row, sequence in enumerate(result["sequences"]):
        tokens = sequence[:prompt_length]
        for token in sequence[prompt_length:]:
            tokens.append(token)
            if token == end:
                break
        states = image[row // per_image][None]
        layers = model.text_decoder(
            input_ids=torch.tensor([tokens[:-1]]), encoder_hidden_states=states, output_attentions=True,
            encoder_attention_mask=torch.ones(states.shape[:-1], dtype=torch.long)).cross_attentions
        maps = torch.stack([layer[0].mean(0) for layer in layers], dim=1)
        yield tokens, maps[prompt_length - 1:]


def make(folder):
    families = [(name, VisionEncoderDecoderModel, of_pair) for name in PAIRS]
    families += [(f"git/{name}", GitForCausalLM, of_git) for name in ("git", "git-options")]
    families += [(f"blip/{name}", BlipForConditionalGeneration, of_blip) for name in ("blip", "blip-options")]
    cases, tensors = [], {}
    for name, kind, maps in families:
        model = kind.from_pretrained(FIXTURES / name, attn_implementation="eager").eval()
        pixel_values = load_file(FIXTURES / name / "expected.safetensors")["pixel_values"]
        for variant, options in VARIANTS.items():
            for prompt in ([], PROMPT):
                rows = []
                with torch.no_grad():
                    for row, (tokens, weights) in enumerate(maps(model, pixel_values, options, prompt)):
                        key = f"{name} {variant}{' prompt' if prompt else ''} {row}"
                        tensors[key] = weights
                        rows.append({"tokens": tokens, "key": key})
                cases.append({"model": name, "options": options, "prompt": prompt, "rows": rows})
    reference.save_tensors(tensors, folder / "expected.safetensors")
    (folder / "cases.json").write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
