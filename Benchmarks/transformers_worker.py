"""Times the parts of Transformers inside one process: the counterpart of VignetteBenchmark, with its options.

After a warm-up, prints `ready`; then does the work once for each line of standard input and prints the seconds.
"""
import argparse
import sys
import time

import torch
from transformers import AutoModelForImageTextToText


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=["encode", "generate", "train"])
    parser.add_argument("--model", required=True)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--beams", type=int, default=4)
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--captions", type=int, default=1)
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dropout", action="store_true")
    return parser.parse_args()


def encode(model, pixels, options):
    def step():
        with torch.no_grad():
            model.encoder(pixel_values=pixels)
    return step


def generate(model, pixels, options):
    def step():
        with torch.no_grad():
            model.generate(
                pixel_values=pixels, num_beams=options.beams, max_new_tokens=options.tokens, min_new_tokens=options.tokens)
    return step


def train(model, pixels, options):
    """A step as Trainer makes it: AdamW in its fused form, gradients clipped to a norm of 1.

    An image with several captions is one pair for each of them.
    """
    model.train(options.dropout)
    model.config.decoder.use_cache = False
    pixels = pixels.repeat_interleave(options.captions, dim=0)
    labels = torch.randint(model.config.decoder.vocab_size, (len(pixels), options.tokens))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6, weight_decay=0.0, fused=True)
    mixed = options.dtype == "bfloat16"

    def step():
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=mixed):
            loss = model(pixel_values=pixels, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    return step


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    model = AutoModelForImageTextToText.from_pretrained(options.model).eval()
    config = model.config
    size = (config.encoder if config.model_type == "vision-encoder-decoder" else config.vision_config).image_size
    pixels = torch.randn(options.batch, 3, size, size)
    step = {"encode": encode, "generate": generate, "train": train}[options.work](model, pixels, options)
    mixed = options.dtype == "bfloat16" and options.work != "train"
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=mixed):
        step()
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=mixed):
            step()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
