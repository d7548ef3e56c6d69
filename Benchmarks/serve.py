#!/usr/bin/env python3
"""Posts of photographs at `vignette serve` and at a FastAPI server with Transformers, on one machine in the same minutes.

    .venv/bin/pip install -r Benchmarks/requirements.txt fastapi uvicorn
    .venv/bin/python Benchmarks/serve.py --photos FOLDER [--model FOLDER] [--json figures.json]

For 1, 8 and 64 posts at a time: captions a second, and how long the slowest of twenty takes; the same of GET /health
meanwhile. The servers take turns, since a machine's speed changes. Then, with --memory 5000, Vignette's resident memory over so many posts. The model is the random
ViT-B/16 + GPT-2 of compare.py, in bf16, with as many minimal as maximal new tokens, unless --model says otherwise.
"""
import argparse
import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOKENS = 16


def fastapi_server(model, port, threads):
    """A server of the usual kind: one model, a thread pool, a caption at a time."""
    import io

    import torch
    import uvicorn
    from fastapi import FastAPI, Request
    from PIL import Image
    from transformers import AutoImageProcessor, AutoTokenizer, VisionEncoderDecoderModel

    torch.set_num_threads(threads)
    network = VisionEncoderDecoderModel.from_pretrained(model).eval()
    processor = AutoImageProcessor.from_pretrained(model)
    tokenizer = AutoTokenizer.from_pretrained(model)
    app = FastAPI()

    def caption(data):
        image = Image.open(io.BytesIO(data)).convert("RGB")
        pixels = processor(images=image, return_tensors="pt").pixel_values
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            ids = network.generate(pixels, min_new_tokens=TOKENS, max_new_tokens=TOKENS)
        return tokenizer.decode(ids[0], skip_special_tokens=True)

    @app.post("/")
    async def post(request: Request):
        from starlette.concurrency import run_in_threadpool
        return [{"generated_text": await run_in_threadpool(caption, await request.body())}]

    @app.get("/health/live")
    async def live():
        return {"status": "live"}

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def get(port, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    start = time.perf_counter()
    connection.request("POST" if body else "GET", path, body)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{answer.status}: {text[:200]}")
    return time.perf_counter() - start


def wait(port, process):
    for _ in range(600):
        try:
            get(port, "/health/live")
            return
        except OSError:
            if process.poll() is not None:
                raise SystemExit("a server didn't start")
            time.sleep(0.2)
    raise SystemExit("a server doesn't answer")


def percentile(times, share):
    times = sorted(times)
    return times[min(len(times) - 1, int(share * len(times)))]


def load(port, photos, parallel, seconds):
    """Posts for a while; returns captions a second, the times of posts and those of /health."""
    times, health, stop = [], [], time.perf_counter() + seconds
    lock = threading.Lock()

    def post(number):
        turn = number
        while time.perf_counter() < stop:
            taken = get(port, "/", photos[turn % len(photos)])
            turn += parallel
            with lock:
                times.append(taken)

    def ask():
        while time.perf_counter() < stop:
            health.append(get(port, "/health/live"))
            time.sleep(0.05)

    start = time.perf_counter()
    threads = [threading.Thread(target=post, args=(number,)) for number in range(parallel)] + [threading.Thread(target=ask)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times) / (time.perf_counter() - start), times, health


def resident(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--photos", type=Path, required=True, help="folder of JPEG files")
    parser.add_argument("--model", type=Path, help="checkpoint folder")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/vignette-benchmark")
    parser.add_argument("--vignette", type=Path, default=ROOT / ".build/release/vignette")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=20, help="for each number of posts")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parallel", type=int, nargs="*", default=[1, 8, 64])
    parser.add_argument("--memory", type=int, default=0, help="posts over which memory is watched")
    parser.add_argument("--only-vignette", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--fastapi", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.fastapi:
        return fastapi_server(given.model, given.fastapi, given.threads)
    if given.model is None:
        given.model = given.cache / "vit-gpt2"
        if not given.model.exists():
            print("making a checkpoint of random weights …", file=sys.stderr)
            given.cache.mkdir(parents=True, exist_ok=True)
            unfinished = given.cache / f"vit-gpt2.{os.getpid()}"
            subprocess.run([sys.executable, ROOT / "Benchmarks/checkpoint.py", unfinished, "vit-gpt2"], check=True)
            unfinished.rename(given.model)
    photos = [path.read_bytes() for path in sorted(given.photos.glob("*.jpg"))[:64]]
    if not photos:
        sys.exit(f"no JPEG files in {given.photos}")
    servers = {"Vignette": (8571, [
        str(given.vignette), "serve", "--model", str(given.model), "--port", "8571", "--dtype", "bfloat16", "--threads",
        str(given.threads), "--min-new-tokens", str(TOKENS), "--max-new-tokens", str(TOKENS), "--queue-size", "256",
        "--timeout", "600"])}
    if not given.only_vignette:
        servers["FastAPI + Transformers"] = (8572, [
            sys.executable, __file__, "--photos", str(given.photos), "--model", str(given.model), "--fastapi", "8572",
            "--threads", str(given.threads)])
    figures, processes = {}, []
    try:
        for port, command in servers.values():
            processes.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
            wait(port, processes[-1])
            get(port, "/", photos[0])
        figures = in_turns(given, {name: port for name, (port, _) in servers.items()}, photos)
        if given.memory:
            figures["Vignette's memory"] = memory(given.memory, servers["Vignette"][0], processes[0].pid, photos)
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait()
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1))


def in_turns(given, ports, photos):
    """Both servers under the same loads, one after the other, some rounds long; the other one idles."""
    rounds = []
    for _ in range(given.rounds):
        for parallel in given.parallel:
            for name, port in ports.items():
                rate, times, health = load(port, photos, parallel, given.seconds)
                rounds.append({"server": name, "parallel": parallel, "rate": rate, "times": times, "health": health})
                print(f"{name}, {parallel} at a time: {rate:.2f} captions/s", file=sys.stderr, flush=True)
    print("| posts at a time | server | captions/s | p50, s | p95, s | /health p95, ms | longest, ms |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    comparison = []
    for parallel in given.parallel:
        rates = {}
        for name in ports:
            chosen = [turn for turn in rounds if (turn["server"], turn["parallel"]) == (name, parallel)]
            rates[name] = [turn["rate"] for turn in chosen]
            times = [value for turn in chosen for value in turn["times"]]
            health = [1000 * value for turn in chosen for value in turn["health"]]
            print(f"| {parallel} | {name} | {statistics.geometric_mean(rates[name]):.2f} | {percentile(times, 0.5):.2f} | "
                  f"{percentile(times, 0.95):.2f} | {percentile(health, 0.95):.1f} | {max(health):.1f} |")
        if len(rates) == 2:
            ours, theirs = rates.values()
            ratios = [a / b for a, b in zip(ours, theirs)]
            comparison.append(f"{parallel} at a time: {statistics.geometric_mean(ratios):.1f} times the throughput "
                              f"({min(ratios):.1f} to {max(ratios):.1f})")
    print("", *comparison, sep="\n")
    return rounds


def memory(count, port, pid, photos):
    """The resident bytes after each tenth of so many posts, eight at a time."""
    sizes = []
    for tenth in range(1, 11):
        threads = [threading.Thread(target=lambda turn=turn: [
            get(port, "/", photos[(turn + step) % len(photos)]) for step in range(count // 80)]) for turn in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sizes.append(resident(pid))
        print(f"{tenth * 8 * (count // 80)} posts: {sizes[-1] / 1e6:.0f} MB", flush=True)
    return sizes


if __name__ == "__main__":
    main()
