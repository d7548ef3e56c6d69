#!/usr/bin/env python3
"""Times Vignette and Hugging Face Transformers on the same machine in the same minutes, and prints a Markdown table.

Both compute with the same number of threads and take turns, one repetition each, so that whatever else the machine
does meets both. Figures are medians with the minimum and the maximum; a ratio is one of medians. With --baseline, an
earlier build of Vignette stands in Transformers' place.
"""
import argparse
import dataclasses
import json
import math
import os
import pathlib
import platform
import random
import statistics
import subprocess
import sys
import time

import limit

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
PICTURE = ROOT / "Examples" / "Images" / "cat.jpg"
THEIRS, OURS, BASELINE = "Transformers", "Vignette", "before"
NAMES = {"float32": "f32", "bfloat16": "bf16"}
# Checkpoints of plain vision transformers, whose products are easily counted.
LIMITED = ("vit-gpt2", "blip-base", "git-base", "trocr-base")


@dataclasses.dataclass(frozen=True)
class Row:
    """A piece of work, in which precisions each side does it, and which two are compared.

    Without arguments, the work is a whole process."""
    name: str
    title: str
    arguments: tuple
    pairs: tuple = (("float32", "float32"), ("bfloat16", "bfloat16"))
    model: str = "vit-gpt2"


def rows(dropout):
    every = (("float32", "float32"), ("float32", "bfloat16"), ("bfloat16", "bfloat16"))
    single, mixed = every[:1], every[2:]

    def generate(beams):
        return "generate", "--beams", str(beams), "--tokens", "20"

    train = ("train", "--batch", "4") + (("--dropout",) if dropout else ())
    return [
        Row("encode-1", "encoder, 1 picture", ("encode",)),
        Row("encode-8", "encoder, 8 pictures", ("encode", "--batch", "8")),
        Row("beit-1", "BEiT-B, 1 picture", ("encode",), single, "beit-gpt2"),
        Row("beit-8", "BEiT-B, 8 pictures", ("encode", "--batch", "8"), single, "beit-gpt2"),
        Row("swin-1", "Swin-B, 1 picture", ("encode",), single, "swin-gpt2"),
        Row("swin-8", "Swin-B, 8 pictures", ("encode", "--batch", "8"), single, "swin-gpt2"),
        Row("generate-1-greedy", "16 tokens, 1 picture, greedy", ("generate", "--beams", "1"), every),
        Row("generate-1", "16 tokens, 1 picture, 4 beams", ("generate",), every),
        Row("generate-8", "16 tokens, 8 pictures, 4 beams", ("generate", "--batch", "8"), every),
        Row("blip-base", "BLIP-base, 20 tokens, 1 picture, 3 beams", generate(3), every, "blip-base"),
        Row("git-base", "GIT-base, 20 tokens, 1 picture, 3 beams", generate(3), every, "git-base"),
        Row("trocr-base", "TrOCR-base, 20 tokens, 1 picture, 4 beams", generate(4), every, "trocr-base"),
        Row("process", "from start to printed caption, 4 beams, 16 tokens", (), every[:2]),
        # Training rows stand alone for each precision: the processes of both would crowd a small machine's memory.
        Row("train", "training step, 4 captions of 128", (*train, "--tokens", "128"), single),
        Row("train-bf16", "training step, 4 captions of 128", (*train, "--tokens", "128"), mixed),
        Row("five-captions", "training step, 4 pictures with 5 captions of 16", (*train, "--captions", "5"), single),
        Row("five-captions-bf16", "training step, 4 pictures with 5 captions of 16", (*train, "--captions", "5"), mixed),
    ]


@dataclasses.dataclass(frozen=True)
class Machine:
    """What both sides run with."""
    cache: pathlib.Path
    programs: pathlib.Path
    threads: int
    baseline: pathlib.Path | None = None

    @property
    def peer(self):
        return BASELINE if self.baseline else THEIRS

    def programs_of(self, side):
        """Where a side's programs are; none where it is Transformers."""
        return {OURS: self.programs, BASELINE: self.baseline}.get(side)

    @property
    def environment(self):
        return {
            **os.environ, "OMP_NUM_THREADS": str(self.threads), "VIGNETTE_NUM_THREADS": str(self.threads),
            "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}

    def model(self, name="vit-gpt2"):
        """The checkpoint's folder; made beside its final name the first time, so that a half-made one is never used."""
        folder = self.cache / name
        if not folder.exists():
            self.cache.mkdir(parents=True, exist_ok=True)
            print(f"making a checkpoint of random weights, {folder.name} …", file=sys.stderr)
            unfinished = self.cache / f"{folder.name}.{os.getpid()}"
            subprocess.run(
                [sys.executable, HERE / "checkpoint.py", unfinished, name], check=True, env=self.environment)
            unfinished.rename(folder)
        return folder

    def start(self, command, **streams):
        return subprocess.Popen(
            list(map(str, command)), env=self.environment, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, **streams)

    def worker(self, side, row, dtype):
        command = [sys.executable, HERE / "transformers_worker.py"]
        if programs := self.programs_of(side):
            command = [programs / "VignetteBenchmark", "--paced"]
        return [*command, *row.arguments, "--model", self.model(row.model), "--dtype", dtype, "--threads", self.threads]

    def process(self, side, dtype):
        programs = self.programs_of(side)
        if not programs:
            return [sys.executable, HERE / "transformers_caption.py", self.model(), PICTURE, self.threads, 4, 16]
        # The minimal length counts the start token.
        return [
            programs / "vignette", "caption", "--model", self.model(), "--dtype", dtype, "--threads", self.threads,
            "--num-beams", 4, "--max-new-tokens", 16, "--min-length", 17, PICTURE]


def finish(process, command):
    """Waits for a program and gives its peak resident memory in megabytes."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"failed with status {process.returncode}: {' '.join(map(str, command))}")
    unit = 1 if platform.system() == "Darwin" else 1024
    return usage.ru_maxrss * unit / 1e6


class Worker:
    """A warm program that works once when it is told to."""

    def __init__(self, machine, side, row, dtype):
        self.command = machine.worker(side, row, dtype)
        self.program = machine.start(self.command, stdin=subprocess.PIPE)
        # One at a time, so that one's start doesn't disturb the other's warm-up.
        self.answer()
        self.output = None

    def answer(self):
        line = self.program.stdout.readline()
        if not line:
            finish(self.program, self.command)
            sys.exit(f"gave no answer: {' '.join(map(str, self.command))}")
        return line.strip()

    def run(self):
        self.program.stdin.write("\n")
        self.program.stdin.flush()
        return float(self.answer())

    def close(self):
        self.program.stdin.close()
        return finish(self.program, self.command)


class WholeProcess:
    """A program that is started anew each time and timed until its line is printed."""

    def __init__(self, machine, side, dtype):
        self.machine, self.command, self.memory = machine, machine.process(side, dtype), 0.0
        self.output = None
        # Warm-up: the files come from memory afterwards.
        self.run()

    def run(self):
        start = time.perf_counter()
        program = self.machine.start(self.command)
        self.output = program.stdout.readline().strip()
        seconds = time.perf_counter() - start
        program.stdout.read()
        self.memory = max(self.memory, finish(program, self.command))
        return seconds

    def close(self):
        return self.memory


def pairs(row, machine):
    """The precisions that are compared: an earlier build computes in ours."""
    return [(ours, ours) for ours in dict(reversed(pair) for pair in row.pairs)] if machine.baseline else row.pairs


def measure(row, machine, repetitions):
    """Seconds of each repetition and peak memory of each contestant, who take turns."""
    contestants = {}
    for theirs, ours in pairs(row, machine):
        for key in ((machine.peer, theirs), (OURS, ours)):
            if key not in contestants:
                contestants[key] = Worker(machine, key[0], row, key[1]) if row.arguments else WholeProcess(machine, *key)
    seconds = {key: [] for key in contestants}
    # In another order each time: what one does to the machine meets the next one.
    order = random.Random(0)
    for _ in range(repetitions):
        for key in order.sample(list(contestants), len(contestants)):
            seconds[key].append(contestants[key].run())
    return {
        key: {"seconds": seconds[key], "megabytes": contestant.close(), "output": contestant.output}
        for key, contestant in contestants.items()
    }


def speed(peer, own):
    """How many times as fast, and the standard error of that: what both took at about the same time is compared, for a
    machine that others share may change its pace by half within a minute."""
    ratios = [math.log(theirs / ours) for theirs, ours in zip(peer["seconds"], own["seconds"])]
    error = statistics.stdev(ratios) / math.sqrt(len(ratios)) if len(ratios) > 1 else math.inf
    mean = math.exp(statistics.mean(ratios))
    return {"speed": mean, "speed_error": mean * error}


def compare(row, machine, results):
    """One record for each pair of the row."""
    machines_pace = Pace(machine)
    for theirs, ours in pairs(row, machine):
        peer, own = results[machine.peer, theirs], results[OURS, ours]
        yield {
            "row": row.name, "title": row.title, machine.peer: {"dtype": theirs, **peer}, OURS: {"dtype": ours, **own},
            **speed(peer, own), "limit": machines_pace.limit(machine, row, ours),
            "memory": own["megabytes"] / peer["megabytes"],
        }


def table_line(record, peer):
    def cell(side):
        seconds = record[side]["seconds"]
        middle, low, high = (f"{value:#.3g}" for value in (statistics.median(seconds), min(seconds), max(seconds)))
        return f"{NAMES[record[side]['dtype']]} {middle} s ({low}–{high})"

    def share():
        return f"{100 * record['limit'] / statistics.median(record[OURS]['seconds']):.0f}%" if record["limit"] else "–"

    def memory(side):
        return f"{record[side]['megabytes'] / 1000:.2f} GB"

    digits = 2 if peer == BASELINE else 1
    return (
        f"| {record['title']} | {cell(peer)} | {cell(OURS)} | **{record['speed']:.{digits}f} ×** "
        f"± {record['speed_error']:.{digits}f} | {share()} "
        f"| {memory(peer)} | {memory(OURS)} | {100 * record['memory']:.0f}% |")


def describe_machine(programs):
    versions = "import torch, transformers; print(torch.__version__, transformers.__version__)"
    torch, transformers = subprocess.run(
        [sys.executable, "-c", versions], check=True, capture_output=True, text=True).stdout.split()
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    models = [line.split(":")[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
              ] if cpuinfo.exists() else [platform.processor()]
    version = subprocess.run(
        [programs / "vignette", "--version"], check=True, capture_output=True, text=True).stdout.strip()
    return {
        "processor": models[0] if models else platform.machine(), "system": platform.platform(),
        "vignette": version, "transformers": transformers, "torch": torch}


def pace(machine, *work):
    """What VignetteBenchmark says of the machine itself."""
    command = [machine.programs / "VignetteBenchmark", *work, "--threads", str(machine.threads)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=machine.environment).stdout
    return json.loads(answer)


class Pace:
    """The GFLOP/s of a large product and the GB/s of memory here, which bound everything else. Measured at each row
    anew: a machine that others share changes them within minutes."""

    def __init__(self, machine):
        self.gflops = {dtype: pace(machine, "peak", "--dtype", dtype)["gflops"] for dtype in NAMES}
        self.gigabytes = pace(machine, "bandwidth")["gigabytes_per_second"]

    def limit(self, machine, row, dtype):
        """The seconds that a row can't be faster than; none where that isn't known."""
        values = dict(zip(row.arguments[1::2], row.arguments[2::2]))
        if row.arguments[:1] not in (("encode",), ("generate",)) or row.model not in LIMITED:
            return None
        tokens = int(values.get("--tokens", 16)) if row.arguments[0] == "generate" else 0
        return limit.seconds(
            machine.model(row.model), dtype, self.gflops[dtype], self.gigabytes,
            batch=int(values.get("--batch", 1)), tokens=tokens)


def arguments(names):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="+", choices=names, default=names, metavar="ROW", help=", ".join(names))
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--no-dropout", action="store_true", help="train without dropout on both sides")
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / ".build" / "release",
                        help="where the built vignette and VignetteBenchmark are")
    parser.add_argument("--baseline", type=pathlib.Path, metavar="PROGRAMS",
                        help="compare with an earlier build's programs instead of with Transformers")
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path.home() / ".cache" / "vignette-benchmark",
                        help="where the random checkpoints (0.6 to 1.5 GB each) are kept")
    parser.add_argument("--json", type=pathlib.Path, help="a file for all figures")
    return parser.parse_args()


def main():
    options = arguments([row.name for row in rows(dropout=True)])
    for program in ("vignette", "VignetteBenchmark"):
        if not (options.programs / program).exists():
            sys.exit(f"{options.programs / program} isn't there: run  swift build -c release --product {program}")
    machine = Machine(options.cache, options.programs, options.threads, options.baseline)
    description = describe_machine(options.programs)
    print(f"{description['processor']}, {options.threads} threads, {options.repetitions} repetitions; "
          f"vignette {description['vignette']}, transformers {description['transformers']}, "
          f"torch {description['torch']}")
    machines_pace = Pace(machine)
    description.update(peak=machines_pace.gflops, bandwidth=machines_pace.gigabytes)
    print("a large product reaches " + ", ".join(
        f"{value:.0f} GFLOP/s in {NAMES[dtype]}" for dtype, value in machines_pace.gflops.items())
        + f"; memory is read at {machines_pace.gigabytes:.0f} GB/s\n")
    print(f"| work | {machine.peer} | Vignette | faster | of the limit "
          f"| peak memory: {machine.peer} | Vignette | of it |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    records = []
    for row in rows(dropout=not options.no_dropout):
        if row.name not in options.rows:
            continue
        for record in compare(row, machine, measure(row, machine, options.repetitions)):
            records.append(record)
            print(table_line(record, machine.peer), flush=True)
            if record[machine.peer]["output"] != record[OURS]["output"] and record[OURS]["dtype"] == "float32":
                print(f"{row.name}: the captions differ", file=sys.stderr)
        if options.json:
            # After every row, so that a run that is broken off leaves what it has.
            everything = {**description, "threads": options.threads, "dropout": not options.no_dropout, "rows": records}
            options.json.write_text(json.dumps(everything, indent=2) + "\n")


if __name__ == "__main__":
    main()
