#!/usr/bin/env bash
# Builds the documentation of the libraries as DocC archives; a warning is an error.
# usage: docs.sh OUTPUT-FOLDER
set -euo pipefail
output=$1
mkdir -p "$output"
# The plugin is a dependency of the documentation alone.
export VIGNETTE_DOCUMENTATION=1
for target in Vignette VignetteTraining; do
  swift package --allow-writing-to-directory "$output" generate-documentation --target "$target" \
    --output-path "$output/$target.doccarchive" --warnings-as-errors
done
echo "documentation: $output"
