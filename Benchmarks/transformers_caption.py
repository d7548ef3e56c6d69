"""Captions one picture as a user of Transformers would, for timing a whole process."""
import sys

import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoTokenizer, VisionEncoderDecoderModel

folder, picture, threads, beams, tokens = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
torch.set_num_threads(threads)
model = VisionEncoderDecoderModel.from_pretrained(folder).eval()
processor = AutoImageProcessor.from_pretrained(folder)
tokenizer = AutoTokenizer.from_pretrained(folder)
pixel_values = processor(Image.open(picture).convert("RGB"), return_tensors="pt").pixel_values
with torch.no_grad():
    ids = model.generate(pixel_values, num_beams=beams, max_new_tokens=tokens, min_new_tokens=tokens)
print(tokenizer.decode(ids[0], skip_special_tokens=True).strip(), flush=True)
