#!/usr/bin/env python3
"""Trains ViT-B/16 + GPT-2 with Vignette and with Transformers' Seq2SeqTrainer, and compares every step's loss.

The run is that of a well-known tutorial: 80 pictures with a caption each in the file's order, batches of 4, 3 epochs,
learning rate 5e-5 falling to 0, labels of 128 ids whose padding counts in the loss; float32, no dropout, random initial
weights. Prints the largest relative difference of the losses and of each tensor's final weights (relative to the
tensor's largest); the exit status is 1 where one is above 1e-3.
"""
import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

import compare
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import (
    AutoImageProcessor,
    AutoTokenizer,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    VisionEncoderDecoderModel,
)

EXAMPLES, WIDTH, TOLERANCE = 80, 128, 1e-3
WORDS = "a the man woman dog cat red blue runs sits on under near grass water street with ball hat two".split()


def write_dataset(folder):
    """Pictures of coarse coloured noise, and captions of random words, as an image folder.

    Its validation split keeps Vignette from cutting one off the training split."""
    numbers = random.Random(7)
    examples = []
    for split, count in (("train", EXAMPLES), ("validation", 1)):
        (folder / split).mkdir(parents=True)
        rows = []
        for index in range(count):
            picture = Image.frombytes("RGB", (8, 6), numbers.randbytes(8 * 6 * 3)).resize((320, 240), Image.BICUBIC)
            picture.save(folder / split / f"{index:03}.png")
            rows.append({"file_name": f"{index:03}.png", "text": " ".join(numbers.choices(WORDS, k=numbers.randint(4, 18)))})
        (folder / split / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        examples += [(folder / split / row["file_name"], row["text"]) for row in rows]
    return examples[:EXAMPLES]


def initial_model(model, folder):
    """The checkpoint with every dropout at 0, and with biases and norms as uneven as a trained model's.

    A bias that begins at zero holds nothing but its first steps, and Adam's first steps take the sign of a gradient,
    be it of rounding errors."""
    shutil.copytree(model, folder)
    torch.manual_seed(3)
    weights = load_file(folder / "model.safetensors")
    for value in weights.values():
        if value.ndim == 1:
            value += 0.1 * torch.randn_like(value)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    for part in (config["encoder"], config["decoder"]):
        for name in part:
            if name.endswith(("pdrop", "dropout_prob")):
                part[name] = 0.0
    (folder / "config.json").write_text(json.dumps(config))


def train_transformers(model, examples, output, steps):
    processor, tokenizer = AutoImageProcessor.from_pretrained(model, backend="pil"), AutoTokenizer.from_pretrained(model)
    rows = []
    for path, caption in examples:
        pixels = processor(Image.open(path).convert("RGB"), return_tensors="pt").pixel_values[0]
        labels = tokenizer(caption, padding="max_length", max_length=WIDTH, truncation=True).input_ids
        rows.append({"pixel_values": pixels, "labels": torch.tensor(labels)})
    trainer = Seq2SeqTrainer(
        model=VisionEncoderDecoderModel.from_pretrained(model),
        args=Seq2SeqTrainingArguments(
            output_dir=output, num_train_epochs=3, max_steps=steps, per_device_train_batch_size=4, learning_rate=5e-5,
            logging_steps=1, save_strategy="no", report_to="none", use_cpu=True, remove_unused_columns=False,
            train_sampling_strategy="sequential", disable_tqdm=True),
        train_dataset=rows)
    trainer.train()
    trainer.save_model(output)
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def train_vignette(program, model, dataset, output, steps, threads):
    subprocess.run(
        [program, "train", "--model", model, "--dataset", "imagefolder", "--data-dir", dataset, "--output", output,
         "--num-train-epochs", "3", "--max-steps", str(steps), "--per-device-train-batch-size", "4", "--learning-rate", "5e-5",
         "--logging-steps", "1", "--save-strategy", "no", "--eval-strategy", "no", "--report-to", "none", "--no-shuffle",
         "--no-group-captions", "--max-target-length", str(WIDTH), "--pad-to-max-length", "--loss-on-padding",
         "--threads", str(threads)], check=True)
    history = json.loads((output / "trainer_state.json").read_text())["log_history"]
    return [entry["loss"] for entry in history if "loss" in entry]


def weight_difference(ours, theirs):
    """The largest difference of a tensor relative to its largest weight, and that tensor's name.

    Left out are biases of keys, whose gradients are zero but for rounding, which Adam magnifies."""
    worst = (0.0, "")
    for name, value in theirs.items():
        if "pooler" in name or name.endswith("key.bias") or name.endswith("c_attn.bias"):
            continue
        difference = ((ours[name] - value).abs().max() / value.abs().max().clamp_min(1e-12)).item()
        worst = max(worst, (difference, name))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=60, help="fewer than 60 for a shorter run")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--program", type=pathlib.Path, default=compare.ROOT / ".build" / "release" / "vignette")
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path.home() / ".cache" / "vignette-benchmark",
                        help="where the random checkpoint (1 GB) is kept")
    parser.add_argument("--json", type=pathlib.Path, help="a file for all losses")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        machine = compare.Machine(options.cache, options.program.parent, options.threads)
        initial_model(machine.model(), scratch / "model")
        examples = write_dataset(scratch / "data")
        seconds, losses = {}, {}
        for side in (compare.OURS, compare.THEIRS):
            start = time.perf_counter()
            output = scratch / side
            losses[side] = (
                train_vignette(options.program, scratch / "model", scratch / "data", output, options.steps, options.threads)
                if side == compare.OURS else train_transformers(scratch / "model", examples, output, options.steps))
            seconds[side] = time.perf_counter() - start
        weights = [load_file(scratch / side / "model.safetensors") for side in (compare.OURS, compare.THEIRS)]
        weight, name = weight_difference(*weights)
    pairs = list(zip(losses[compare.OURS], losses[compare.THEIRS], strict=True))
    loss = max(abs(a - b) / b for a, b in pairs)
    if options.json:
        options.json.write_text(json.dumps({"loss": losses, "seconds": seconds, "weights": weight}, indent=2) + "\n")
    for step in sorted({1, 2, len(pairs) // 2, len(pairs)}):
        print(f"step {step}: loss {pairs[step - 1][0]:.6f} (Vignette), {pairs[step - 1][1]:.6f} (Transformers)")
    print(f"{len(pairs)} steps; largest relative difference of losses {loss:.2e}, of weights {weight:.2e} ({name})")
    print(f"whole runs: Vignette {seconds[compare.OURS]:.0f} s, Transformers {seconds[compare.THEIRS]:.0f} s")
    sys.exit(max(loss, weight) > TOLERANCE)


if __name__ == "__main__":
    main()
