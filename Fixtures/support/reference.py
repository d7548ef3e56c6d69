"""Reference values of a vision encoder-decoder: logits, loss, gradients, generated ids."""
import copy
import json

import torch
from safetensors.torch import save_file
from transformers import AutoModel, AutoModelForCausalLM, VisionEncoderDecoderConfig, VisionEncoderDecoderModel
from transformers.core_model_loading import revert_weight_conversion
from transformers.models.vision_encoder_decoder.modeling_vision_encoder_decoder import shift_tokens_right

IGNORED = -100


def untame(model, seed, std=0.2):
    """Draws every parameter anew, biases and layer-norm gains too: at the usual initialisation (zeros, ones
    and tiny normals) a forgotten bias or a swapped gain would hardly show."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            is_gain = name.endswith("weight") and parameter.dim() == 1
            noise = torch.randn(parameter.shape, generator=generator) * std
            parameter.copy_(1 + noise if is_gain else noise)
    return model.eval()


def join(encoder, decoder, *, start, end, pad, pooler=True, seed):
    """An untamed VisionEncoderDecoderModel of the two configurations."""
    torch.manual_seed(seed)
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(
        encoder, decoder, decoder_start_token_id=start, eos_token_id=end, pad_token_id=pad)
    model = VisionEncoderDecoderModel(
        config=config,
        encoder=AutoModel.from_config(config.encoder, add_pooling_layer=pooler),
        decoder=AutoModelForCausalLM.from_config(config.decoder))
    return untame(model, seed)


def pictures(count, channels, height, width, seed):
    """Pixel values [count, channels, height, width], about what normalising leaves: within ±1.7."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.randn(count, channels, 3, 3, generator=generator)
    smooth = torch.nn.functional.interpolate(coarse, size=(height, width), mode="bilinear")
    noise = torch.randn(count, channels, height, width, generator=generator)
    return (smooth + 0.2 * noise).clamp(-1.7, 1.7)


def captions(lengths, vocabulary, seed, end, width=None):
    """Labels [rows, width]: random ids that close with `end`, then -100 up to the width."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.full((len(lengths), width or max(lengths)), IGNORED)
    for row, length in enumerate(lengths):
        labels[row, :length] = torch.randint(3, vocabulary, (length,), generator=generator)
        labels[row, length - 1] = end
    return labels


def file_names(model, tensors):
    """The same tensors under the names that `save_pretrained` writes."""
    return revert_weight_conversion(model, tensors)


def gradients(model):
    """`grad.<name in the file>` for every parameter that the loss reaches; a tied weight has one, the sum."""
    tied = model.all_tied_weights_keys
    reached = {tied.get(name, name): p.grad for name, p in model.named_parameters() if p.grad is not None}
    return {f"grad.{name}": grad.contiguous() for name, grad in file_names(model, reached).items()}


def expected(model, pixel_values, labels):
    """One pass forwards and backwards, without dropout."""
    model.eval()
    model.zero_grad()
    output = model(pixel_values=pixel_values, labels=labels)
    output.loss.backward()
    config = model.config
    return {
        "pixel_values": pixel_values,
        "labels": labels,
        "decoder_input_ids": shift_tokens_right(labels, config.pad_token_id, config.decoder_start_token_id),
        "encoder_hidden": output.encoder_last_hidden_state.detach(),
        "logits": output.logits.detach(),
        "loss": output.loss.detach(),
        **gradients(model),
    }


def interpolated(model, pixel_values):
    """The encoder's output for pictures of another size than the configuration's."""
    with torch.no_grad():
        hidden = model.encoder(pixel_values, interpolate_pos_encoding=True).last_hidden_state
    return {"interpolated_pixel_values": pixel_values, "interpolated_encoder_hidden": hidden}


def save_tensors(tensors, path):
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)


def generate(model, pixel_values, options):
    """What `generate` returns: ids, padded to the longest row, and the beams' scores (None for greedy search)."""
    with torch.no_grad():
        output = model.generate(
            pixel_values=pixel_values, do_sample=False, return_dict_in_generate=True, output_scores=True, **options)
    scores = getattr(output, "sequences_scores", None)
    return {
        "options": options,
        "sequences": output.sequences.tolist(),
        "sequences_scores": None if scores is None else scores.tolist(),
    }


def generations(model, pixel_values, variants):
    """Every variant of `{name: options}`. A row is only of use when rounding doesn't decide it, so the ids must
    be the same in double precision."""
    double = copy.deepcopy(model).double()
    results = []
    for name, options in variants.items():
        result = generate(model, pixel_values, options)
        if generate(double, pixel_values.double(), options)["sequences"] != result["sequences"]:
            raise RuntimeError(f"{name}: the ids hang on rounding; choose another seed")
        results.append({"name": name, **result})
    return results


def lengths(rows, end):
    """Tokens after the start up to and including `end`, per row."""
    return [row.index(end, 1) if end in row[1:] else len(row) for row in rows]


def let_end(model, pixel_values, end, options, decoder=None, norm=None):
    """Moves the last layer norm of the decoder (`model.decoder` unless another is given; its last module of that kind, as a
    rule) towards the end token, just so far that the captions of the pictures end at different lengths: random weights
    alone never end, or always do."""
    decoder = decoder or model.decoder
    norm = norm or [module for module in decoder.modules() if isinstance(module, torch.nn.LayerNorm)][-1]
    direction = decoder.get_output_embeddings().weight.detach()[end]
    direction = 0.05 * direction / direction.norm()
    original = norm.bias.detach().clone()

    def merit(step):
        with torch.no_grad():
            norm.bias.copy_(original + step * direction)
        found = [lengths(generate(model, pixel_values, o)["sequences"], end) for o in options]
        different = [len(set(rows)) for rows in found]
        unended = sum(length == o["max_length"] for rows, o in zip(found, options) for length in rows)
        return min(different), sum(different), -unended

    best = max(range(80), key=merit)
    return merit(best)


def write_json(value, path):
    """A line for each element of a list or entry of an object."""
    if isinstance(value, list):
        text = "[\n" + ",\n".join(json.dumps(element) for element in value) + "\n]"
    else:
        text = "{\n" + ",\n".join(f"{json.dumps(key)}: {json.dumps(entry)}" for key, entry in value.items()) + "\n}"
    path.write_text(text + "\n")
