#!/usr/bin/env python3
"""Times whole jobs: a folder of photographs captioned by Vignette and by a Python loop over Transformers.

The loop is what its users write: a DataLoader whose workers decode and process, and `generate` on batches. Both read the
same files, compute with the same number of threads, generate as many tokens greedily, and take turns. Times count from a
process's start to its end, loading included, and without it. Prints a Markdown table.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SIZES = {"12": (4000, 3000), "0.3": (640, 480)}


def make_photographs(source, folder, megapixels, count):
    """As many JPEG files of one size, no two alike: sections of the photographs in `source`, scaled."""
    import random

    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    originals = sorted(p for p in source.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not originals:
        sys.exit(f"no photographs in {source}")
    width, height = SIZES[megapixels]
    for number in range(count):
        path = folder / f"{number:05}.jpg"
        if path.exists():
            continue
        generator = random.Random(number)
        with Image.open(originals[number % len(originals)]) as image:
            image = image.convert("RGB")
            w, h = image.size
            scale = generator.uniform(0.7, 1)
            left, top = generator.uniform(0, w * (1 - scale)), generator.uniform(0, h * (1 - scale))
            box = (left, top, left + w * scale, top + h * scale)
            image.resize((width, height), Image.Resampling.BICUBIC, box).save(path, quality=90)


def transformers_side(folder, model_folder, threads, tokens, batch, workers):
    """The loop, in a process of its own."""
    import torch
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset
    from transformers import AutoImageProcessor, AutoTokenizer, VisionEncoderDecoderModel

    torch.set_num_threads(threads)
    model = VisionEncoderDecoderModel.from_pretrained(model_folder).eval()
    processor = AutoImageProcessor.from_pretrained(model_folder)
    tokenizer = AutoTokenizer.from_pretrained(model_folder)

    class Images(Dataset):
        def __init__(self):
            self.paths = sorted(pathlib.Path(folder).rglob("*.jpg"))

        def __len__(self):
            return len(self.paths)

        def __getitem__(self, index):
            image = Image.open(self.paths[index]).convert("RGB")
            return str(self.paths[index]), processor(image, return_tensors="pt").pixel_values[0]

    start, busy, done = time.perf_counter(), 0.0, 0
    with torch.no_grad():
        for names, pixel_values in DataLoader(Images(), batch_size=batch, num_workers=workers):
            begin = time.perf_counter()
            ids = model.generate(pixel_values, do_sample=False, num_beams=1, max_new_tokens=tokens)
            for name, text in zip(names, tokenizer.batch_decode(ids, skip_special_tokens=True)):
                print(json.dumps({"file": name, "caption": text.strip()}))
                done += 1
            busy += time.perf_counter() - begin
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "busy": busy / seconds, "images": done}), file=sys.stderr)


def run_theirs(arguments, model, folder, output):
    command = [sys.executable, __file__, "--theirs", str(folder), "--models", str(model)]
    command += ["--threads", str(arguments.threads), "--tokens", str(arguments.tokens)]
    command += ["--batch", str(arguments.batch), "--workers", str(arguments.workers)]
    start = time.perf_counter()
    with open(output, "w") as file:
        process = subprocess.run(command, stdout=file, stderr=subprocess.PIPE, text=True, check=True)
    seconds = time.perf_counter() - start
    told = json.loads(process.stderr.strip().splitlines()[-1])
    return {"process": seconds, "rate": told["images"] / told["seconds"], "busy": told["busy"]}


def run_ours(arguments, model, folder, output, *options):
    command = [arguments.program, "caption", "--model", model, folder, "--output", output]
    command += ["--threads", arguments.threads, "--num-beams", 1, "--max-new-tokens", arguments.tokens, *options]
    start = time.perf_counter()
    process = subprocess.run(list(map(str, command)), stderr=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - start
    told = re.search(r"at ([0-9.e+]+) images/s; the model was busy ([0-9]+)%", process.stderr)
    if process.returncode or not told:
        sys.exit(process.stderr)
    return {"process": seconds, "rate": float(told[1]), "busy": float(told[2]) / 100}


def same_captions(ours, theirs):
    """The part of the images whose captions are the same."""
    def read(path):
        rows = [json.loads(line) for line in open(path)]
        return {os.path.basename(row["file"]): row["caption"] for row in rows}

    a, b = read(ours), read(theirs)
    return sum(a[name] == b.get(name) for name in a) / max(1, len(a))


def compare(arguments, model, megapixels, folder, temporary):
    sides = {"Transformers": [], "Vignette": [], "Vignette, fast decoding": []}
    for repetition in range(arguments.repetitions):
        outputs = {name: temporary / f"{repetition}-{index}.jsonl" for index, name in enumerate(sides)}
        sides["Transformers"].append(run_theirs(arguments, model, folder, outputs["Transformers"]))
        sides["Vignette"].append(run_ours(arguments, model, folder, outputs["Vignette"]))
        sides["Vignette, fast decoding"].append(
            run_ours(arguments, model, folder, outputs["Vignette, fast decoding"], "--fast-decode"))
    base = statistics.median(run["rate"] for run in sides["Transformers"])
    for name, runs in sides.items():
        median = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        same = "" if name == "Transformers" else f"{same_captions(outputs[name], outputs['Transformers']):.1%}"
        print(f"| {pathlib.Path(model).name} | {megapixels} MP | {name} | {median['process']:.1f} s | "
              f"{median['rate']:.2f} | {median['busy']:.0%} | {median['rate'] / base:.2f} | {same} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=HERE.parent / ".build" / "release" / "vignette")
    parser.add_argument("--models", nargs="+", required=True, help="checkpoint folders")
    parser.add_argument("--photographs", type=pathlib.Path, help="folder of photographs to make others from")
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path.home() / ".cache" / "vignette-benchmark")
    parser.add_argument("--megapixels", nargs="+", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--batch", type=int, default=16, help="of the Python loop; Vignette chooses its own")
    parser.add_argument("--workers", type=int, default=2, help="processes of the DataLoader")
    parser.add_argument("--repetitions", type=int, default=1)
    parser.add_argument("--theirs", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.theirs:
        return transformers_side(
            arguments.theirs, arguments.models[0], arguments.threads, arguments.tokens, arguments.batch,
            arguments.workers)
    if arguments.photographs is None:
        parser.error("--photographs is needed")
    print("| model | images | side | whole process | images/s once loaded | model busy | faster | same captions |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for megapixels in arguments.megapixels:
        folder = arguments.cache / f"library-{megapixels}"
        make_photographs(arguments.photographs, folder / "all", megapixels, arguments.images)
        # Exactly as many as asked for, also where an earlier run made more.
        chosen = folder / f"first-{arguments.images}"
        shutil.rmtree(chosen, ignore_errors=True)
        chosen.mkdir()
        for path in sorted((folder / "all").iterdir())[:arguments.images]:
            os.link(path, chosen / path.name)
        for model in arguments.models:
            with tempfile.TemporaryDirectory() as temporary:
                compare(arguments, model, megapixels, chosen, pathlib.Path(temporary))


if __name__ == "__main__":
    main()
