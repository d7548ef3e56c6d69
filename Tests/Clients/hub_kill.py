#!/usr/bin/env python3
"""Kills `vignette pull` and `vignette push` of a random model of 100 MB at ten random moments each.

Needs what `swift build` builds (BUILT, .build/debug if not set). Run from the package's folder:

    python3 Tests/Clients/hub_kill.py [SEED]
"""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from hub_common import BUILT, contents, environment, hub, random_file, state, vignette, workspace

NAME = "owner/large"
SIZES = {"config.json": 0, "model.safetensors": 100_000_000, "tokenizer.json": 2_000_000, "vocab.json": 800_000}


def make_model(folder):
    for seed, (name, size) in enumerate(SIZES.items()):
        if size:
            random_file(folder / name, size, seed)
    (folder / "config.json").write_text("{}")


def killed(arguments, env, seconds):
    """Starts the command and kills it, unless it has ended before; says whether it was killed."""
    process = subprocess.Popen(
        [BUILT / "vignette", *map(str, arguments)], env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 32)
    generator = random.Random(seed)
    print(f"seed {seed}")
    failures = 0
    with workspace() as folder:
        model = folder / "model"
        make_model(model)
        truth = {name: value for name, value in contents(model).items()}
        with hub("--repository", f"{NAME}={model}", "--bytes-per-second", 60_000_000) as endpoint:
            env = environment(endpoint, folder / "whole")
            start = time.monotonic()
            vignette("pull", NAME, env=env)
            duration = time.monotonic() - start
            print(f"pull: {duration:.2f} s undisturbed")
            for attempt in range(10):
                cache = folder / f"cache-{attempt}"
                env = environment(endpoint, cache)
                moment = generator.uniform(0, duration)
                was_killed = killed(["pull", NAME], env, moment)
                parts = {path.name[:8]: path.stat().st_size for path in cache.glob("models--*/blobs/*.incomplete")}
                is_visible = bool(list(cache.glob("models--*/refs/main")))
                done = vignette("pull", NAME, env=env, check=False)
                snapshot = Path(done.stdout.strip() or "/nowhere")
                names = sorted(path.name for path in snapshot.iterdir()) if snapshot.is_dir() else []
                is_right = names == sorted(SIZES) and all(
                    contents(cache / "models--owner--large" / "blobs").get(Path(snapshot / name).resolve().name)
                    == truth[name] for name in names)
                rest = [str(path) for path in cache.rglob("*.incomplete")]
                is_right = is_right and not rest and not (is_visible and parts)
                failures += not is_right
                left = ", ".join(f"{name}… {size} B" for name, size in parts.items()) or "no part"
                fetched = done.stderr.split("of which ")[-1].split(" are")[0]
                print(f"  {'ok  ' if is_right else 'FAIL'} killed after {moment:.2f} s ({'killed' if was_killed else 'had ended'}): "
                      f"{left}; then {fetched} were fetched, all bytes right: {is_right}")
        for arguments in [(), ("--part-size", "10000000")]:
            with hub(*arguments) as endpoint:
                env = environment(endpoint, folder / "push")
                start = time.monotonic()
                vignette("push", model, "me/measure", env=env)
                duration = time.monotonic() - start
                print(f"push{' in parts' if arguments else ''}: {duration:.2f} s undisturbed")
                make = folder / "old"
                make.mkdir(exist_ok=True)
                (make / "config.json").write_text('{"old": true}')
                random_file(make / "model.safetensors", 1000, 99)
                for attempt in range(10):
                    # Of other bytes each time, so that nothing is there already.
                    random_file(model / "model.safetensors", SIZES["model.safetensors"], generator.random())
                    name = f"me/model-{attempt}"
                    vignette("push", make, name, env=env)
                    before = state(endpoint)[name]
                    moment = generator.uniform(0, duration)
                    was_killed = killed(["push", model, name], env, moment)
                    after = state(endpoint)[name]
                    vignette("push", model, name, env=env)
                    whole = state(endpoint)[name]
                    files = {path: value.split(":") for path, value in whole["main"].items()}
                    is_whole = set(SIZES) <= set(files) and files["model.safetensors"][1][:16] == contents(model)["model.safetensors"]
                    # Killed after its commit, the push is done.
                    is_right = (after == before or after == whole) and is_whole
                    failures += not is_right
                    became = "as it was" if after == before else "whole" if after == whole else "HALF DONE"
                    print(f"  {'ok  ' if is_right else 'FAIL'} killed after {moment:.2f} s ({'killed' if was_killed else 'had ended'}): "
                          f"repository {became}; pushed again: whole: {is_whole}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
