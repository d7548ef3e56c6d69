#!/bin/sh
# Runs the program under one limit of its memory after the other, from too little for anything to plenty: each run must
# end with its results or with an error, never by a signal.
#
#   Scripts/memory-sweep.sh PROGRAM FOLDER [FIRST LAST STEP, in MB]
#
# FOLDER is where the demo and its model are made, if it isn't there.
set -eu
program=$1 folder=$2 first=${3:-100} last=${4:-1500} step=${5:-20}

if [ ! -d "$folder/model" ]; then
  rm -rf "$folder"
  mkdir -p "$folder"
  "$program" dataset demo --output "$folder/data" --train-scenes 64 --validation-scenes 32 >/dev/null 2>&1
  "$program" init --encoder-preset vit-tiny --decoder-preset gpt2-tiny --output "$folder/model" \
    --tokenizer-from "$folder/data/annotations/captions_train2017.json" >/dev/null 2>&1
fi

bad=0
run() { # NAME ARGUMENTS…
  name=$1
  shift
  status=0
  (ulimit -c 0; ulimit -v $((limit * 1024)); exec timeout 120 "$program" "$@") >"$folder/out" 2>"$folder/err" || status=$?
  case $status in
  0) end=done ;;
  1 | 2 | 3) end=error ;;
  *) end="STATUS $status" bad=$((bad + 1)) ;;
  esac
  printf '%5d MB  %-8s %-10s %s\n' "$limit" "$name" "$end" "$(tail -n 1 "$folder/err" | cut -c 1-150)"
}

limit=$first
while [ "$limit" -le "$last" ]; do
  run caption caption --model "$folder/model" "$folder/data/val2017" --batch-size 32 --num-beams 4 --max-length 8
  run train train --model "$folder/model" --dataset coco --data-dir "$folder/data" --output "$folder/run" \
    --overwrite-output-dir --max-steps 2 --per-device-train-batch-size 16 --save-strategy no --eval-strategy no
  limit=$((limit + step))
done
echo "$bad runs ended by a signal, a hang or an unknown status"
[ "$bad" = 0 ]
