#!/usr/bin/env python3
"""Checks that Transformers reads a checkpoint folder as it should.

    .venv/bin/python Fixtures/check_written.py FOLDER EXPECTED

Loads FOLDER as the captioner that its config.json names, a VisionEncoderDecoderModel, a BLIP or a GIT (with its tokenizer
and image processor, where their files are there) and compares its logits with those in EXPECTED, an `expected.safetensors`, for the pixel values and labels there.
Prints the largest difference relative to the largest logit. The exit status is 1 when that is above 1e-4, when a key is
missing, unexpected or of another shape, or when tokenizer or image processor don't load.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import support.quiet  # noqa: E402, F401
import torch  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from transformers import (  # noqa: E402
    AutoConfig,
    AutoImageProcessor,
    AutoTokenizer,
    BlipForConditionalGeneration,
    GitForCausalLM,
    VisionEncoderDecoderModel,
)

TOLERANCE = 1e-4
# Those that are given tokens; the others make them of labels.
MODEL_CLASSES = {"blip": BlipForConditionalGeneration, "git": GitForCausalLM}


def load_companions(folder):
    """Loads what stands beside the model; a failure raises."""
    if (folder / "preprocessor_config.json").exists():
        print("image processor:", type(AutoImageProcessor.from_pretrained(folder, backend="pil")).__name__)
    if any((folder / name).exists() for name in ("tokenizer.json", "vocab.json", "vocab.txt")):
        tokenizer = AutoTokenizer.from_pretrained(folder)
        print(f"tokenizer: {type(tokenizer).__name__}, {len(tokenizer)} tokens")


def main(folder, expected):
    folder = pathlib.Path(folder)
    load_companions(folder)
    model_type = AutoConfig.from_pretrained(folder).model_type
    model_class = MODEL_CLASSES.get(model_type, VisionEncoderDecoderModel)
    model, info = model_class.from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
    problems = {kind: sorted(map(str, keys)) for kind, keys in info.items() if keys}
    # A captioner has no use for the pooler, and an untied head none for the bias outside of it. Transformers makes them
    # anew when the file has none.
    missing = [key for key in problems.pop("missing_keys", [])
               if not key.startswith("encoder.pooler.") and not key.endswith(".cls.predictions.bias")]
    if missing:
        problems["missing_keys"] = missing
    for kind, keys in problems.items():
        print(f"{kind}: {', '.join(keys)}")

    tensors = load_file(expected)
    takes_tokens = model_type in MODEL_CLASSES
    given = {"input_ids": tensors["decoder_input_ids"]} if takes_tokens else {"labels": tensors["labels"]}
    with torch.no_grad():
        logits = model.eval()(pixel_values=tensors["pixel_values"], **given).logits
    # GIT gives some for the image's tokens, too.
    logits = logits[:, -tensors["logits"].shape[1]:]
    difference = ((logits - tensors["logits"]).abs().max() / tensors["logits"].abs().max()).item()
    print(f"logits: largest relative difference {difference:.2e}")
    return 1 if problems or not difference <= TOLERANCE else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
