#!/usr/bin/env python3
"""Checks that Transformers loads what Vignette makes of every encoder and decoder that Transformers can join.

    swift build -c release --product vignette && swift build -c release --product VignetteLogits
    .venv/bin/python Fixtures/check_pairs.py > Fixtures/pretrained/transformers-loads.txt

Each pair of the folders in `Fixtures/pretrained` goes through `vignette init` and `vignette train --max-steps 3`.
Transformers then loads the result, tokenizer and image processor included, and its logits are compared with Vignette's
for the same pixel values and tokens. Prints a line for each pair with the largest difference relative to the largest
logit. The exit status is 1 when one is above 1e-4, or when a key is missing, unexpected or of another shape.

DistilBERT is left out: Transformers has no DistilBERT that attends to an image.
"""
import argparse
import pathlib
import platform
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import support.quiet  # noqa: E402, F401
import torch  # noqa: E402
import transformers  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402
from support import reference, tiny_tokenizer  # noqa: E402
from transformers import AutoImageProcessor, AutoTokenizer, VisionEncoderDecoderModel  # noqa: E402
from transformers.utils import is_torchvision_available as torchvision_is_available  # noqa: E402

ENCODERS = ("vit", "deit-classifier", "beit-classifier", "swin", "clip", "siglip-vision", "dinov2", "dinov2-swiglu",
            "vit-msn-classifier", "data2vec-vision", "dinov2-with-registers-classifier", "dinov3", "swinv2",
            "vit-mae-pretraining")
DECODERS = ("gpt2-language", "bert-masked", "roberta-masked", "xlm-roberta-masked", "camembert-masked",
            "electra-generator", "bert-generation", "bart-conditional", "mbart-conditional", "trocr")
TOLERANCE = 1e-4
# What pools an image's states or stands for what is masked, for which a captioner has no use: Transformers makes it
# anew when the file has none.
UNUSED = ("encoder.pooler.", "encoder.post_layernorm.", "encoder.head.", "encoder.embeddings.mask_token")


def run(*command):
    return subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout


def write_pictures(folder):
    """Two pictures and their captions, as `--dataset imagefolder` reads them."""
    scene = (HERE / "models" / "vit-gpt2" / "scene.png").read_bytes()
    for split in ("train", "validation"):
        (folder / split).mkdir()
        rows = []
        for number, sentence in enumerate(tiny_tokenizer.SENTENCES[1:3]):
            (folder / split / f"{number}.png").write_bytes(scene)
            rows.append(f'{{"file_name": "{number}.png", "caption": "{sentence}"}}\n')
        (folder / split / "metadata.jsonl").write_text("".join(rows))


def load(folder):
    """Transformers' model of a folder and what is wrong with it."""
    if torchvision_is_available() or "DINOv3" not in (folder / "preprocessor_config.json").read_text():
        AutoImageProcessor.from_pretrained(folder, backend="pil")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model, info = VisionEncoderDecoderModel.from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
    problems = [f"{kind}: {key}" for kind, keys in info.items() for key in sorted(map(str, keys))
                if not (kind == "missing_keys" and key.startswith(UNUSED))]
    start, end, pad = (getattr(model.config, f"{name}_token_id") for name in ("decoder_start", "eos", "pad"))
    expected_start = tokenizer.cls_token_id if tokenizer.cls_token_id is not None else tokenizer.bos_token_id
    expected_end = tokenizer.sep_token_id if tokenizer.sep_token_id is not None else tokenizer.eos_token_id
    expected_pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else expected_end
    if (start, end, pad) != (expected_start, expected_end, expected_pad):
        problems.append(f"special tokens: {start}, {end}, {pad}")
    return model.eval(), problems


def check(programs, encoder, decoder):
    """Makes one pair and compares it: the largest relative difference, how many keys there are, the problems."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_pictures(folder)
        vignette, model_folder = programs / "vignette", folder / "run"
        run(vignette, "init", "--encoder", HERE / "pretrained" / encoder, "--decoder", HERE / "pretrained" / decoder,
            "--output", folder / "model")
        run(vignette, "train", "--model", folder / "model", "--dataset", "imagefolder", "--data-dir", folder,
            "--output", model_folder, "--max-steps", 3, "--learning-rate", "1e-2", "--report-to", "none",
            "--save-strategy", "no")
        model, problems = load(model_folder)
        generator = torch.Generator().manual_seed(1)
        tokens = torch.randint(5, model.config.decoder.vocab_size, (2, 9), generator=generator)
        tokens[:, 0] = model.config.decoder_start_token_id
        pixel_values = reference.pictures(2, 3, 16, 16, seed=1)
        with torch.no_grad():
            expected = model(pixel_values=pixel_values, decoder_input_ids=tokens).logits
        save_file({"pixel_values": pixel_values, "decoder_input_ids": tokens}, folder / "inputs.safetensors")
        run(programs / "VignetteLogits", model_folder, folder / "inputs.safetensors", folder / "logits.safetensors")
        logits = load_file(folder / "logits.safetensors")["logits"]
        keys = len(load_file(model_folder / "model.safetensors"))
    return ((logits - expected).abs().max() / expected.abs().max()).item(), keys, problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=pathlib.Path, default=HERE.parent / ".build" / "release",
                        help="where the built vignette and VignetteLogits are")
    programs = parser.parse_args().programs
    print(f"vignette {run(programs / 'vignette', '--version').strip()}, transformers {transformers.__version__}, "
          f"torch {torch.__version__}, Python {platform.python_version()}, float32")
    print("what Transformers says of the folders that `vignette train` wrote\n")
    passed = True
    for encoder in ENCODERS:
        for decoder in DECODERS:
            difference, keys, problems = check(programs, encoder, decoder)
            passed = passed and difference <= TOLERANCE and not problems
            verdict = "; ".join(problems) or f"all {keys} keys taken"
            print(f"{encoder:32} {decoder:18} logits differ by at most {difference:.1e}   {verdict}", flush=True)
    print(f"\n{'all load with the same logits' if passed else 'FAILED'} (within {TOLERANCE:.0e} of the largest)")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
