#!/usr/bin/env bash
# Has the built program write its shell completions and its manual page.
# usage: accessories.sh FOLDER-OF-PROGRAMS OUTPUT-FOLDER
set -euo pipefail
programs=$1 output=$2
mkdir -p "$output"
for shell in bash zsh fish; do
  "$programs/vignette" --generate-completion-script "$shell" >"$output/vignette.$shell"
done
"$programs/generate-manual" "$programs/vignette" --output-directory "$output"
