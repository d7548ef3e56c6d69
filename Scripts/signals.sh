#!/usr/bin/env bash
# Sends signals to training runs at random moments, and checks that each run ends as it should.
#
#     Scripts/signals.sh VIGNETTE [RUNS [SEED [KIND…]]]
#
# RUNS (20) runs of each kind, in float32 and, where the processor has it, in bfloat16, about a second each:
#   timer       SIGALRM every 0.1 to 1 ms, to a handler that returns: exit status 0, and the weights of a run that was
#               left alone, bit for bit.
#   terminate   one SIGTERM: exit status 130, or 143 where it came before the run began, or 0 with the same weights where
#               it came too late.
#   interrupt   one SIGINT: the same without 143.
#   kill        one SIGKILL.
# After the last three the run goes on, to the same weights, with nothing half-written left in its folder.
# Prints what ended otherwise, and how often each ending came; ends with status 1 if anything was wrong.
set -euo pipefail

program=$(realpath "${1:?usage: Scripts/signals.sh VIGNETTE [RUNS [SEED [KIND…]]]}")
runs=${2:-20}
RANDOM=${3:-1}
kinds=("${@:4}")
[ ${#kinds[@]} -gt 0 ] || kinds=(timer terminate interrupt kill)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Puts SIGALRM's handler in and starts the timer before the program's own code runs.
cat >timer.c <<'C'
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
static void handler(int number) { (void)number; }
__attribute__((constructor)) static void start(void) {
  const char *interval = getenv("TIMER_MICROSECONDS");
  if (!interval) return;
  struct sigaction action = {0};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, 0);
  struct itimerval every = {{0, atol(interval)}, {0, atol(interval)}};
  setitimer(ITIMER_REAL, &every, 0);
}
C
cc -shared -fPIC -o timer.so timer.c

quietly() { "$@" >log 2>&1 || { cat log >&2; exit 1; }; }
quietly "$program" dataset demo --train-scenes 40 --validation-scenes 4 --output data
quietly "$program" init --encoder-preset vit-micro --decoder-preset gpt2-micro --vocab-size 300 \
  --tokenizer-from data/annotations/captions_train2017.json --output model

training=("$program" train --threads 1 --model model --dataset coco --data-dir data --max-steps 12
  --per-device-train-batch-size 20 --learning-rate 1e-3 --eval-strategy no --save-strategy steps --save-steps 3
  --save-total-limit 2 --logging-steps 5 --report-to none)

wrong=0
blame() {
  echo "$precision $kind $run: $*"
  wrong=$((wrong + 1))
}
has_same_weights() { cmp -s run/model.safetensors "whole-$precision/model.safetensors" || blame "other weights"; }
is_tidy() {
  local left
  left=$(find run -name '*.partial' -o -name '.vignette-run')
  [ -z "$left" ] || blame "left behind: $left"
}

goes_on() {
  local status=0
  "${training[@]}" "${options[@]}" --output run --resume-from-checkpoint latest >resumed 2>&1 || status=$?
  [ $status = 0 ] || blame "going on ended with status $status: $(tail -1 resumed)"
  [ $status != 0 ] || has_same_weights
  is_tidy
}

# Sets `status`.
run_under_timer() {
  env TIMER_MICROSECONDS=$((RANDOM % 900 + 100)) LD_PRELOAD="$work/timer.so" \
    "${training[@]}" "${options[@]}" --output run >log 2>&1 || status=$?
  if [ $status = 0 ]; then has_same_weights; else blame "status $status: $(tail -1 log)"; fi
}

# Sets `status`.
run_and_signal() { # SIGNAL
  local delay=$((RANDOM * 32768 + RANDOM)) process
  # Shells let jobs in the background ignore SIGINT.
  env --default-signal=INT "${training[@]}" "${options[@]}" --output run >log 2>&1 &
  process=$!
  delay=$((delay % length))
  sleep "$((delay / 1000)).$(printf %03d $((delay % 1000)))"
  kill "-$1" $process 2>/dev/null || true
  wait $process 2>/dev/null || status=$?
  case $1-$status in
    *-0) has_same_weights ;;
    TERM-130 | TERM-143 | INT-130)
      [ ! -d run ] || is_tidy
      goes_on
      ;;
    KILL-137) goes_on ;;
    *) blame "status $status after $delay ms: $(tail -1 log)" ;;
  esac
}

declare -A ends
for precision in float32 bf16; do
  options=()
  [ $precision = float32 ] || options=(--bf16)
  started=$(date +%s%3N)
  quietly "${training[@]}" "${options[@]}" --output "whole-$precision"
  length=$(($(date +%s%3N) - started))
  if grep -q "no kernels for bfloat16" log; then continue; fi
  for kind in "${kinds[@]}"; do
    for ((run = 1; run <= runs; run++)); do
      rm -rf run
      status=0
      case $kind in
        timer) run_under_timer ;;
        terminate) run_and_signal TERM ;;
        interrupt) run_and_signal INT ;;
        kill) run_and_signal KILL ;;
      esac
      ends["$precision $kind: status $status"]=$((${ends["$precision $kind: status $status"]:-0} + 1))
    done
  done
done
for end in "${!ends[@]}"; do echo "$end, ${ends[$end]} times"; done | sort
echo "$wrong wrong"
[ $wrong = 0 ]
