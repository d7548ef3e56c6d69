"""Makes captioning checkpoints of full size with random weights: ViT-B/16, BEiT-B/16 or Swin-B, and GPT-2.

Nothing is downloaded: how fast a model is doesn't hang on what it has learned.
"""
import pathlib
import sys

import torch
from transformers import (
    BeitConfig,
    GenerationConfig,
    GPT2Config,
    GPT2Tokenizer,
    SwinConfig,
    ViTConfig,
    ViTImageProcessor,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
)
from transformers.convert_slow_tokenizer import bytes_to_unicode

END = "<|endoftext|>"
MERGES = 50_000
# BEiT and Swin as microsoft/beit-base-patch16-224 and microsoft/swin-base-patch4-window7-224 are. How many layers
# the decoder has follows: beside those two, it only completes the folder.
ENCODERS = {
    "vit": (ViTConfig(), 12),
    "beit": (BeitConfig(use_relative_position_bias=True, layer_scale_init_value=0.1, use_mean_pooling=True), 2),
    "swin": (SwinConfig(embed_dim=128, depths=[2, 2, 18, 2], num_heads=[4, 8, 16, 32], window_size=7), 2),
}


def tokenizer():
    """A byte-level BPE of GPT-2's size: 256 bytes, 50,000 invented merges of two bytes each, one end token."""
    alphabet = list(bytes_to_unicode().values())
    pairs = [(first, second) for first in alphabet for second in alphabet][:MERGES]
    tokens = alphabet + [first + second for first, second in pairs] + [END]
    return GPT2Tokenizer(
        vocab={token: number for number, token in enumerate(tokens)}, merges=pairs,
        bos_token=END, eos_token=END, unk_token=END, pad_token=END)


def make(folder, encoder):
    encoder, layers = ENCODERS[encoder]
    torch.manual_seed(1)
    words = tokenizer()
    end = words.eos_token_id
    tokens = {"decoder_start_token_id": end, "eos_token_id": end, "pad_token_id": end}
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(
        encoder, GPT2Config(vocab_size=len(words), n_layer=layers), **tokens)
    model = VisionEncoderDecoderModel(config)
    model.generation_config = GenerationConfig(bos_token_id=end, **tokens)
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    ViTImageProcessor().save_pretrained(folder)


if __name__ == "__main__":
    make(pathlib.Path(sys.argv[1]), sys.argv[2])
