#!/usr/bin/env python3
"""Compares Vignette with huggingface_hub: caches file by file, each using the other's, and pushes to a repository.

Needs what `swift build` builds (BUILT, .build/debug if not set), and a Python with huggingface_hub; with Transformers too, a
model is loaded from the cache that Vignette has filled. Run from the package's folder:

    python3 Tests/Clients/hub_compatibility.py
"""

import importlib.metadata
import importlib.util
import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

from hub_common import BUILT, contents, environment, hub, python, random_file, state, vignette, workspace

MODEL = Path("Fixtures/models/vit-gpt2")
IMAGE = Path("Examples/Images/cat.jpg")
NAME = "owner/captioner"

SNAPSHOT = """
import json, sys
from huggingface_hub import hf_hub_download, snapshot_download
from huggingface_hub.errors import EntryNotFoundError
name, wanted, absent = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
folder = snapshot_download(name, allow_patterns=wanted)
for file in absent:
    try:
        hf_hub_download(name, file)
        raise SystemExit(f"{file} is there")
    except EntryNotFoundError:
        pass
print(json.dumps(folder))
"""

LOCAL = """
import json, sys
from huggingface_hub import hf_hub_download, snapshot_download, try_to_load_from_cache, scan_cache_dir
name, wanted, absent = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
files = {file: hf_hub_download(name, file, local_files_only=True) for file in wanted}
unknown = [file for file in absent if isinstance(try_to_load_from_cache(name, file), (str, type(None)))]
folder = snapshot_download(name, allow_patterns=wanted, local_files_only=True)
info = scan_cache_dir()
assert not info.warnings, info.warnings
repository, = info.repos
revision, = repository.revisions
print(json.dumps([len(files), unknown, folder, repository.repo_id, sorted(revision.refs), repository.size_on_disk]))
"""

PRETRAINED = """
import json, sys
from transformers import VisionEncoderDecoderModel, AutoTokenizer, AutoImageProcessor
model = VisionEncoderDecoderModel.from_pretrained(sys.argv[1])
AutoTokenizer.from_pretrained(sys.argv[1]); AutoImageProcessor.from_pretrained(sys.argv[1])
print(json.dumps(sum(p.numel() for p in model.parameters())))
"""

UPLOAD = """
import json, sys
from huggingface_hub import create_repo, upload_folder
create_repo(sys.argv[1], private=True, exist_ok=True)
info = upload_folder(repo_id=sys.argv[1], folder_path=sys.argv[2], commit_message="Upload", allow_patterns=json.loads(sys.argv[3]))
print(json.dumps(info.oid))
"""

LOCK = """
import sys, time
from huggingface_hub.utils import WeakFileLock
with WeakFileLock(sys.argv[1]):
    print("locked", flush=True)
    sys.stdin.read()
"""

REMOVE = """
import json, sys
from huggingface_hub import scan_cache_dir
commits = [revision.commit_hash for repository in scan_cache_dir().repos for revision in repository.revisions]
strategy = scan_cache_dir().delete_revisions(*commits)
strategy.execute()
print(json.dumps(strategy.expected_freed_size))
"""


def check(text, is_right, detail=""):
    print(f"{'ok  ' if is_right else 'FAIL'} {text}" + (f": {detail}" if detail and not is_right else ""), flush=True)
    if not is_right:
        check.failures += 1


check.failures = 0


def compare_caches(folder, endpoint):
    ours, theirs = folder / "ours", folder / "theirs"
    our_environment, their_environment = environment(endpoint, ours), environment(endpoint, theirs)
    snapshot = Path(vignette("pull", NAME, env=our_environment).stdout.strip())
    wanted = sorted(file.name for file in snapshot.iterdir())
    absent = sorted(str(file.relative_to(ours)).split("/")[-1] for file in ours.glob("models--*/.no_exist/*/*"))
    print(f"     vignette pull: {len(wanted)} files: {' '.join(wanted)}")
    python(SNAPSHOT, NAME, json.dumps(wanted), json.dumps(absent), env=their_environment)
    mine, yours = contents(ours), contents(theirs)
    # The tag of caches has a comment of its author's.
    tags = [(cache / "CACHEDIR.TAG").read_text().splitlines()[0] for cache in (ours, theirs)]
    check("both caches have the same tag", tags[0] == tags[1], tags)
    mine.pop("CACHEDIR.TAG"), yours.pop("CACHEDIR.TAG")
    check(f"both caches have the same {len(mine)} names", mine.keys() == yours.keys(), mine.keys() ^ yours.keys())
    links = [name for name in mine if mine[name].startswith("->")]
    check(f"all {len(links)} links say the same", all(mine[name] == yours.get(name) for name in links))
    files = [name for name in mine if name not in links]
    check(f"all {len(files)} files have the same contents", all(mine[name] == yours.get(name) for name in files),
          [name for name in files if mine[name] != yours.get(name)])
    modes = [{path.relative_to(cache): path.lstat().st_mode for path in cache.rglob("*")} for cache in (ours, theirs)]
    # Python keeps lists of files from other users.
    differing = [f"{path} {oct(modes[0][path])} {oct(modes[1].get(path, 0))}" for path in modes[0]
                 if modes[0][path] != modes[1].get(path) and path.parent.name != "trees"]
    check("all have the same permissions", not differing, differing)

    offline = {"HF_HUB_OFFLINE": "1"}
    found, unknown, path, repository, references, size = python(
        LOCAL, NAME, json.dumps(wanted), json.dumps(absent), env=environment(endpoint, ours, **offline))
    check("huggingface_hub finds all files of Vignette's cache offline", found == len(wanted) and path == str(snapshot))
    check("and knows what is not there", not unknown, unknown)
    check("and scans it without a warning", repository == NAME and references == ["main"])
    if importlib.util.find_spec("transformers"):
        count = python(PRETRAINED, NAME, env=environment(endpoint, ours, **offline))
        check(f"Transformers loads the model from Vignette's cache offline ({count} parameters)", count > 0)
    expected = vignette("caption", "--model", MODEL, IMAGE, env=our_environment).stdout
    for cache, owner in [(ours, "its own"), (theirs, "huggingface_hub's")]:
        done = vignette("caption", "--model", NAME, "--offline", IMAGE, env=environment(endpoint, cache), check=False)
        check(f"vignette captions offline from {owner} cache: {done.stdout.strip()}",
              done.returncode == 0 and done.stdout == expected, done.stderr)
    listed = vignette("models", "--cached", env=their_environment).stdout.strip()
    check(f"vignette lists huggingface_hub's cache: {listed}", listed.startswith(f"{NAME}\tmain\t"))

    compare_locks(folder, endpoint, ours)

    # Each goes on in the other's cache.
    again = vignette("pull", NAME, env=their_environment)
    check("vignette finds huggingface_hub's cache whole", "all there already" in again.stderr, again.stderr)
    before = contents(ours)
    python(SNAPSHOT, NAME, json.dumps(wanted), json.dumps(absent), env=our_environment)
    check("huggingface_hub finds Vignette's cache whole", contents(ours) == before)
    removed = vignette("remove", NAME, "--yes", env=their_environment).stderr.strip()
    rest = contents(theirs)
    check(f"vignette removes it from huggingface_hub's cache ({removed})", set(rest) == {"CACHEDIR.TAG"}, rest)
    freed = python(REMOVE, env=our_environment)
    check("huggingface_hub removes it from Vignette's cache", freed == size and not list(ours.glob("models--*")), freed)


def compare_locks(folder, endpoint, ours):
    """Who fetches a file keeps the other waiting."""
    cache = folder / "locked"
    env = environment(endpoint, cache)
    name = next(ours.glob("models--*/snapshots/*/model.safetensors")).resolve().name
    lock = cache / ".locks" / "models--owner--captioner" / f"{name}.lock"
    lock.parent.mkdir(parents=True)
    holder = subprocess.Popen(
        [sys.executable, "-c", LOCK, lock], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    holder.stdout.readline()
    puller = subprocess.Popen([BUILT / "vignette", "pull", NAME], env=env, stderr=subprocess.PIPE, text=True,
                              stdout=subprocess.DEVNULL)
    said = ""
    while "waiting for another process" not in said and (line := puller.stderr.readline()):
        said += line
    blob = cache / "models--owner--captioner" / "blobs" / name
    check("vignette waits for huggingface_hub's lock", "waiting for another process" in said and not blob.exists(), said)
    holder.communicate("")
    check("and goes on when it is free", puller.wait() == 0 and blob.exists())


def run_together(folder):
    """Both fetch the same model into the same cache at the same time, slowly."""
    with hub("--repository", f"{NAME}={MODEL}", "--bytes-per-second", 30_000) as endpoint:
        cache = folder / "together"
        env = environment(endpoint, cache)
        wanted = sorted(file.name for file in MODEL.iterdir() if file.name != "README.md")
        programs = [
            [BUILT / "vignette", "pull", NAME], [BUILT / "vignette", "pull", NAME],
            [sys.executable, "-c", SNAPSHOT, NAME, json.dumps(wanted), "[]"],
            [sys.executable, "-c", SNAPSHOT, NAME, json.dumps(wanted), "[]"],
        ]
        running = [subprocess.Popen(program, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                   for program in programs]
        errors = [process.communicate()[1] for process in running]
        check("two of each fetch the same at a time", not any(process.returncode for process in running), errors)
        snapshot, = cache.glob("models--*/snapshots/*")
        is_right = all((snapshot / name).read_bytes() == (MODEL / name).read_bytes() for name in wanted
                       if (snapshot / name).exists())
        rest = [name for name in contents(cache) if "incomplete" in name or "partial" in name]
        check("and what is there is right", is_right and (snapshot / "model.safetensors").exists() and not rest, rest)


def ask(arguments, answer, env):
    """Runs the command in a terminal and answers its question; gives the question, the output and the status."""
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        [BUILT / "vignette", *map(str, arguments)], env=env, stdin=end, stderr=end, stdout=subprocess.PIPE, text=True)
    os.close(end)
    said = ""
    while "[y/N]" not in said:
        said += os.read(terminal, 1000).decode()
    os.write(terminal, answer.encode() + b"\n")
    output = process.stdout.read()
    return said.strip(), output, process.wait()


def try_questions(folder, endpoint):
    env = environment(endpoint, folder / "asked")
    arguments = ["caption", "--model", NAME, IMAGE]
    said, output, status = ask(arguments, "n", env)
    check(f"in a terminal it asks: {said}", status == 2 and not output, output)
    said, output, status = ask(arguments, "y", env)
    check(f"and captions after a yes: {output.strip()}", status == 0 and bool(output.strip()))


def compare_pushes(folder, endpoint):
    env = environment(endpoint, folder / "cache")
    model = folder / "model"
    shutil.copytree(MODEL, model)
    random_file(model / "model-extra.bin", 5, 1)
    (model / "README.md").write_text("---\nlicense: mit\n---\n# A model\n")
    (model / "optimizer.pt").write_bytes(b"\0")
    done = vignette("push", model, "me/swift", "--private", env=env)
    pushed = sorted(state(endpoint)["me/swift"]["main"])
    print(f"     vignette push: {done.stderr.strip().splitlines()[-1]}")
    names = [name for name in pushed if not name.startswith(".")]
    commit = python(UPLOAD, "me/python", model, json.dumps(names), env=env)
    repositories = state(endpoint)
    check(f"both repositories have the same {len(pushed)} files with the same hashes",
          repositories["me/swift"] == repositories["me/python"], repositories)
    check("a training run's own files were not pushed", "optimizer.pt" not in pushed)
    before = done.stderr.strip().split()[-1]
    again = vignette("push", model, "me/swift", env=env).stderr.strip()
    check("pushed again, nothing is new", f"nothing is new; commit {before}" in again, again)
    again = python(UPLOAD, "me/python", model, json.dumps(names), env=env)
    check("nor for huggingface_hub", again == commit)
    # Each goes on with the other's repository.
    (model / "README.md").write_text("---\nlicense: mit\n---\n# A better model\n")
    done = vignette("push", model, "me/python", env=env).stderr.strip()
    check(f"vignette pushes what is new to huggingface_hub's ({done})", "pushed 1 file, " in done, done)
    python(UPLOAD, "me/swift", model, json.dumps(names), env=env)
    repositories = state(endpoint)
    check("and both are the same again", repositories["me/swift"] == repositories["me/python"])
    done = vignette("caption", "--model", "me/python", "--yes", IMAGE, env=env)
    check(f"what was pushed captions: {done.stdout.strip()}", done.returncode == 0 and bool(done.stdout.strip()))


def main():
    print(f"huggingface_hub {importlib.metadata.version('huggingface_hub')}")
    with workspace() as folder, hub("--repository", f"{NAME}={MODEL}") as endpoint:
        print("pull:")
        compare_caches(folder, endpoint)
        try_questions(folder, endpoint)
        run_together(folder)
    for arguments in [(), ("--part-size", "100000")]:
        with workspace() as folder, hub(*arguments) as endpoint:
            print(f"push{', in parts' if arguments else ''}:")
            compare_pushes(folder, endpoint)
    sys.exit(1 if check.failures else 0)


if __name__ == "__main__":
    main()
