#!/usr/bin/env bash
# The main job from nothing: draws a caption data set, trains a small ViT + GPT-2 on it, and captions images
# of scenes that it never saw.
set -euo pipefail
vignette=$1
folder=${2:-demo}
rm -rf "$folder"
mkdir -p "$folder"

echo "1. Drawing scenes of coloured shapes, five captions each"
"$vignette" dataset demo --output "$folder/scenes" --train-scenes 12000 --validation-scenes 300

echo "2. Making a small ViT + GPT-2 of random weights, and a tokenizer from the captions"
"$vignette" init --encoder-preset vit-micro --decoder-preset gpt2-micro \
  --tokenizer-from "$folder/scenes/annotations/captions_train2017.json" --output "$folder/model"

echo "   What it says of a photograph of a cat, untrained (so this means nothing):"
"$vignette" caption --model "$folder/model" --max-length 12 Examples/Images/cat.jpg

echo "3. Training it, some three minutes on two cores"
"$vignette" train --model "$folder/model" --dataset coco --data-dir "$folder/scenes" --output "$folder/run" \
  --bf16 --num-train-epochs 5 --per-device-train-batch-size 80 --per-device-eval-batch-size 250 \
  --learning-rate 1e-3 --lr-scheduler-type cosine --warmup-steps 100 --adam-beta2 0.98 --max-target-length 24 \
  --generation-max-length 24 --logging-steps 25 --save-strategy no

echo "4. Captions of scenes that training never showed (combinations of objects and relation that are new to it)"
for image in $(ls "$folder"/scenes/val2017/*.png | head -6); do
  "$vignette" caption --model "$folder/run" "$image" --max-length 24 | sed "s|^|   $(basename "$image"): |"
done

echo "5. How many of them are wholly right: objects, colours, relation (scenes_right), and the usual scores"
"$vignette" evaluate --model "$folder/run" --dataset coco --data-dir "$folder/scenes" --max-length 24 --batch-size 50

echo "The run's report: $folder/run/training-report.html"
echo "Caption an image of your own with a real model: $vignette caption --model nlpconnect/vit-gpt2-image-captioning photo.jpg"
