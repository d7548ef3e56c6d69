#!/usr/bin/env bash
# Counts what tells how a newcomer finds their way through the sources.
# usage: house.sh [CHECKOUT]                counts files, errors and names
#        house.sh --hops CHECKOUT           builds the program instrumented, and counts the files that run
set -euo pipefail

count_sources() {
  cd "$1"
  local files lines
  mapfile -t files < <(git ls-files 'Sources/*.swift')
  lines=$(wc -l "${files[@]}" | grep -v ' total$' | awk '{print $1}' | sort -n)
  echo "source files: ${#files[@]}"
  echo "median length: $(sed -n "$(((${#files[@]} + 1) / 2))p" <<<"$lines") lines; of at most ten lines: $(awk '$1 <= 10' <<<"$lines" | wc -l); of fewer than 40: $(awk '$1 < 40' <<<"$lines" | wc -l)"
  echo "error types: $(grep -hE '^ *(public |package |private |fileprivate |internal )?(final )?(struct|enum|class) [A-Za-z]+: .*\b(Error|PlainError|LocalizedError)\b' "${files[@]}" | wc -l)"
  echo "library files with an option's flag in a string: $(git ls-files 'Sources/*.swift' | grep -v '/VignetteCommand/' |
    xargs grep -HE '^[^/]*"[^"]*(^|[^-A-Za-z0-9])--[a-z][a-z-]+' | grep -v 'var(--' | cut -d: -f1 | sort -u | wc -l)"
  echo "files that name VisionEncoderDecoder: $(grep -lwE 'VisionEncoderDecoder' "${files[@]}" | wc -l)"
}

# The files of Sources in which anything ran, by the coverage of one run.
files_run() {
  local program=$1 profile=$2
  shift 2
  LLVM_PROFILE_FILE=$profile "$program" "$@" >/dev/null 2>&1
  "$tools/llvm-profdata" merge -o "$profile.data" "$profile"
  "$tools/llvm-cov" export -summary-only -instr-profile "$profile.data" "$program" |
    python3 -c '
import json, sys
files = json.load(sys.stdin)["data"][0]["files"]
ran = [f["filename"] for f in files if "/Sources/" in f["filename"] and "/checkouts/" not in f["filename"]
       and f["summary"]["functions"]["covered"] > 0]
print("\n".join(sorted(ran)))'
}

count_hops() {
  cd "$1"
  tools=$(dirname "$(readlink -f "$(command -v swift)")")
  swift build --product vignette --scratch-path .build-trace -Xswiftc -profile-generate \
    -Xswiftc -profile-coverage-mapping -Xcc -O1 -Xcxx -O1 >/dev/null
  local program=.build-trace/debug/vignette folder
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' RETURN
  local image
  image=$(git ls-files 'Examples/*.jpg' | head -1)
  files_run "$program" "$folder/caption" caption --model Fixtures/models/vit-gpt2 --threads 1 "$image" >"$folder/caption.files"
  echo "files that run in vignette caption photo.jpg: $(wc -l <"$folder/caption.files")"
  "$program" dataset demo --train-scenes 8 --validation-scenes 2 --output "$folder/shapes" >/dev/null 2>&1
  "$program" init --encoder-preset vit-micro --decoder-preset gpt2-micro \
    --tokenizer-from "$folder/shapes/annotations/captions_train2017.json" --output "$folder/model" >/dev/null 2>&1
  files_run "$program" "$folder/train" train --model "$folder/model" --dataset coco --data-dir "$folder/shapes" \
    --output "$folder/run" --threads 1 --max-steps 1 --eval-strategy no --save-strategy no --report-to none \
    --per-device-train-batch-size 4 >"$folder/train.files"
  echo "files that run in vignette train of one step: $(wc -l <"$folder/train.files")"
}

case ${1:-.} in
  --hops) count_hops "${2:-.}" ;;
  *) count_sources "${1:-.}" ;;
esac
