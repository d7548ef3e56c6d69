#!/usr/bin/env bash
# Builds the documentation of the two libraries as DocC archives; a warning is an error.
# usage: docs.sh OUTPUT-FOLDER
set -euo pipefail
output=$1
build=$output/build
graphs=$output/graphs
mkdir -p "$graphs"
graphs=$(cd "$graphs" && pwd)

# The plugin is a dependency of the documentation alone.
export VIGNETTE_DOCUMENTATION=1
# Each target's graph, as the compiler writes it along the way. The plugin's has nothing of what a library shows of others.
options=(--scratch-path "$build" --disable-default-traits)
for flag in -emit-symbol-graph -emit-symbol-graph-dir "$graphs" -symbol-graph-minimum-access-level public \
  -symbol-graph-skip-synthesized-members; do
  options+=(-Xswiftc "$flag")
done
swift build "${options[@]}" --target VignetteTraining

for library in Vignette VignetteTraining; do
  mkdir -p "$graphs/$library"
  swift Scripts/symbols.swift "$library" "$graphs" "$graphs/$library/$library.symbols.json"
  swift package "${options[@]}" --allow-writing-to-directory "$output" generate-documentation --target "$library" \
    --additional-symbol-graph-dir "$graphs/$library" --output-path "$output/$library.doccarchive" \
    --warnings-as-errors
done
echo "documentation: $output"
