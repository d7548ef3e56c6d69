#!/usr/bin/env bash
# Kills a job over many images again and again, and compares what it writes in the end with an undisturbed job's.
# usage: library-kills.sh VIGNETTE MODEL FOLDER [STEP…]
#        steps: make run kill again memory (all of them, if none is given); FOLDER keeps what they make
#        IMAGES=20000 KILLS=20 FORMAT=jsonl OPTIONS="--max-length 5"
set -euo pipefail

vignette=$(realpath "$1")
model=$(realpath "$2")
mkdir -p "$3"
cd "$3"
shift 3
images=${IMAGES:-20000}
kills=${KILLS:-20}
format=${FORMAT:-jsonl}
read -ra options <<<"${OPTIONS:---max-length 5 --threads 1}"

# Small images, each with changes of its own; one of twenty is another's copy, one of a hundred is broken.
make_images() {
  rm -rf photos
  python3 - "$images" <<'PYTHON'
import os, random, struct, sys
count, side = int(sys.argv[1]), 16
random.seed(7)
first = [random.randrange(256) for _ in range(3 * side * side)]
def bmp(pixels):
    size = 54 + len(pixels)
    return (b"BM" + struct.pack("<IHHI", size, 0, 0, 54)
            + struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, len(pixels), 2835, 2835, 0, 0) + pixels)
made = []
for number in range(count):
    folder = f"photos/{number // 1000:03}"
    if number % 1000 == 0: os.makedirs(folder)
    if number % 100 == 99: data = b"no image %d" % number
    elif number % 20 == 19: data = random.choice(made)
    else:
        pixels = bytearray(first)
        struct.pack_into("<I", pixels, random.randrange(len(pixels) - 4), number)
        for _ in range(200): pixels[random.randrange(len(pixels))] = random.randrange(256)
        data = bmp(bytes(pixels))
        if len(made) < 1000: made.append(data)
    with open(f"{folder}/{number:06}.bmp", "wb") as file: file.write(data)
PYTHON
  echo "made $(find photos -type f | wc -l) images"
}

# Runs a command; prints its seconds and its largest resident set.
measured() {
  python3 - "$@" <<'PYTHON'
import resource, subprocess, sys, time
start = time.monotonic()
status = subprocess.run(sys.argv[1:], stderr=subprocess.PIPE, text=True)
seconds = time.monotonic() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"  {seconds:.1f} s, {peak:.0f} MB at most; status {status.returncode}; {status.stderr.strip().splitlines()[-1]}")
PYTHON
}

run_undisturbed() {
  rm -f "whole.$format" ".whole.$format".*
  echo "an undisturbed job:"
  measured "$vignette" caption --model "$model" "${options[@]}" photos --output "whole.$format"
}

# Of the output so far, which isn't there at first.
count_lines() { { cat "killed.$format" 2>/dev/null || true; } | wc -l; }

run_killed() {
  rm -f "killed.$format" ".killed.$format".*
  local target=$((images / (kills + 1)))
  for ((kill = 1; kill <= kills; kill++)); do
    "$vignette" caption --model "$model" "${options[@]}" photos --output "killed.$format" 2>/dev/null &
    local job=$!
    # A random moment around one of equally many images.
    local lines
    while kill -0 "$job" 2>/dev/null; do
      lines=$(count_lines)
      ((lines >= target * kill - RANDOM % (target + 1))) && break
      sleep 0.0$((RANDOM % 10))
    done
    kill -KILL "$job" 2>/dev/null || true
    wait "$job" 2>/dev/null || true
    echo "killed at $(count_lines) lines"
  done
  "$vignette" caption --model "$model" "${options[@]}" photos --output "killed.$format" || true
  if cmp <(sort "whole.$format") <(sort "killed.$format"); then
    echo "after $kills kills, the output is the undisturbed job's: $(wc -l <"killed.$format") lines, sha256 $(sort "killed.$format" | sha256sum | cut -c1-16)"
  else
    echo "after $kills kills, the output is another" >&2
    exit 1
  fi
}

run_again() {
  echo "a second run:"
  measured "$vignette" caption --model "$model" "${options[@]}" photos --output "whole.$format"
}

measure_memory() {
  find photos -type f | sort >all
  for count in $((images / 20)) $((images / 4)) "$images"; do
    rm -f memory.jsonl .memory.jsonl.*
    echo "$count images:"
    head -n "$count" all >list
    measured "$vignette" caption --model "$model" "${options[@]}" --files-from list --output memory.jsonl
  done
}

[ $# -gt 0 ] || set -- make run again kill memory
for step; do
  case $step in
    make) make_images ;;
    run) run_undisturbed ;;
    kill) run_killed ;;
    again) run_again ;;
    memory) measure_memory ;;
    *) echo "unknown step $step" >&2; exit 64 ;;
  esac
done
