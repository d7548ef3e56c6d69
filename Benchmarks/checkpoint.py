"""Makes a captioning checkpoint of full size with random weights: ViT-B/16 + GPT-2, 239 million parameters.

Nothing is downloaded: how fast a model is doesn't hang on what it has learned.
"""
import pathlib
import sys

import torch
from transformers import (
    GenerationConfig,
    GPT2Config,
    GPT2Tokenizer,
    ViTConfig,
    ViTImageProcessor,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
)
from transformers.convert_slow_tokenizer import bytes_to_unicode

END = "<|endoftext|>"
MERGES = 50_000


def tokenizer():
    """A byte-level BPE of GPT-2's size: 256 bytes, 50,000 invented merges of two bytes each, one end token."""
    alphabet = list(bytes_to_unicode().values())
    pairs = [(first, second) for first in alphabet for second in alphabet][:MERGES]
    tokens = alphabet + [first + second for first, second in pairs] + [END]
    return GPT2Tokenizer(
        vocab={token: number for number, token in enumerate(tokens)}, merges=pairs,
        bos_token=END, eos_token=END, unk_token=END, pad_token=END)


def make(folder):
    torch.manual_seed(1)
    words = tokenizer()
    end = words.eos_token_id
    tokens = {"decoder_start_token_id": end, "eos_token_id": end, "pad_token_id": end}
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(
        ViTConfig(), GPT2Config(vocab_size=len(words)), **tokens)
    model = VisionEncoderDecoderModel(config)
    model.generation_config = GenerationConfig(bos_token_id=end, **tokens)
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    ViTImageProcessor().save_pretrained(folder)


if __name__ == "__main__":
    make(pathlib.Path(sys.argv[1]))
