"""Makes captioning checkpoints of full size with random weights: ViT-B/16, BEiT-B/16 or Swin-B and GPT-2, BLIP-base,
GIT-base, TrOCR-base.

Nothing is downloaded: how fast a model is doesn't hang on what it has learned.
"""
import pathlib
import sys

import torch
from transformers import (
    BeitConfig,
    BlipConfig,
    BlipForConditionalGeneration,
    GenerationConfig,
    GitConfig,
    GitForCausalLM,
    GPT2Config,
    GPT2Tokenizer,
    SwinConfig,
    TrOCRConfig,
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
    "vit-gpt2": (ViTConfig(), 12),
    "beit-gpt2": (BeitConfig(use_relative_position_bias=True, layer_scale_init_value=0.1, use_mean_pooling=True), 2),
    "swin-gpt2": (SwinConfig(embed_dim=128, depths=[2, 2, 18, 2], num_heads=[4, 8, 16, 32], window_size=7), 2),
}
# As microsoft/trocr-base-handwritten.
READER = (
    ViTConfig(image_size=384, qkv_bias=False),
    TrOCRConfig(d_model=1024, decoder_layers=12, decoder_ffn_dim=4096, cross_attention_hidden_size=768),
)


def tokenizer():
    """A byte-level BPE of GPT-2's size: 256 bytes, 50,000 invented merges of two bytes each, one end token."""
    alphabet = list(bytes_to_unicode().values())
    pairs = [(first, second) for first in alphabet for second in alphabet][:MERGES]
    tokens = alphabet + [first + second for first, second in pairs] + [END]
    return GPT2Tokenizer(
        vocab={token: number for number, token in enumerate(tokens)}, merges=pairs,
        bos_token=END, eos_token=END, unk_token=END, pad_token=END)


def join(encoder, decoder, end):
    tokens = {"decoder_start_token_id": end, "eos_token_id": end, "pad_token_id": end}
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder, **tokens)
    model = VisionEncoderDecoderModel(config)
    model.generation_config = GenerationConfig(bos_token_id=end, **tokens)
    return model


def captioner(name):
    """Of one of the other families, with the defaults of its class, which are those of its base model."""
    if name == "blip-base":
        return BlipForConditionalGeneration(BlipConfig(text_config={"num_attention_heads": 12}))
    return GitForCausalLM(GitConfig())


def make(folder, name):
    torch.manual_seed(1)
    if name in ENCODERS:
        encoder, layers = ENCODERS[name]
        words = tokenizer()
        join(encoder, GPT2Config(vocab_size=len(words), n_layer=layers), words.eos_token_id).save_pretrained(folder)
        words.save_pretrained(folder)
        ViTImageProcessor().save_pretrained(folder)
    elif name == "trocr-base":
        join(*READER, end=2).save_pretrained(folder)
    else:
        captioner(name).save_pretrained(folder)


if __name__ == "__main__":
    make(pathlib.Path(sys.argv[1]), sys.argv[2])
