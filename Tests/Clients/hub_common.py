"""What the scripts about the hub share: the hub that stands in, and the command."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import contextmanager
from pathlib import Path

BUILT = Path(os.environ.get("BUILT", ".build/debug"))
TOKEN = "hf_stand_in"


@contextmanager
def hub(*arguments):
    """The address of a hub that stands in."""
    process = subprocess.Popen(
        [BUILT / "VignetteTestHub", *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def environment(endpoint, cache, **others):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))}
    return kept | {
        "HF_ENDPOINT": endpoint, "HF_HUB_CACHE": str(cache), "HF_HOME": str(Path(cache).parent / "home"),
        "HF_TOKEN": TOKEN, "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1", "VIGNETTE_NUM_THREADS": "1",
    } | others


def vignette(*arguments, env, check=True):
    done = subprocess.run(
        [BUILT / "vignette", *map(str, arguments)], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if check and done.returncode:
        sys.exit(f"vignette {' '.join(map(str, arguments))}: status {done.returncode}: {done.stderr}")
    return done


def python(program, *arguments, env):
    """Runs a program of Python's in a process of its own, as its settings are read once; gives what it prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"python: status {done.returncode}: {done.stderr}")
    return json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else None


def state(endpoint):
    """All branches of all repositories, with the hashes of their files."""
    with urllib.request.urlopen(f"{endpoint}/_state") as answer:
        return json.load(answer)


def contents(folder):
    """All paths below a folder: what links say, and the hashes of files."""
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = f"-> {os.readlink(path)}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return found


def random_file(path, size, seed):
    """Bytes that follow from a seed."""
    import random

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(random.Random(seed).randbytes(size))


@contextmanager
def workspace():
    folder = Path(tempfile.mkdtemp(prefix="vignette-hub-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
