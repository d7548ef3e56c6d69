"""Small random checkpoints of the other encoders and decoders, and what Transformers computes with them.

The folders hold the same as those of `models`: a checkpoint, `expected.safetensors` and `generation.json`. Transformers
has no DistilBERT decoder; its two folders hold a DistilBertForMaskedLM and what it gives under a causal mask.
"""
import support.quiet  # noqa: F401
import torch
from support import reference
from transformers import (
    BartConfig,
    BeitConfig,
    BertConfig,
    BertGenerationConfig,
    CamembertConfig,
    DeiTConfig,
    DistilBertConfig,
    DistilBertForMaskedLM,
    ElectraConfig,
    GPT2Config,
    MBartConfig,
    RobertaConfig,
    SwinConfig,
    TrOCRConfig,
    ViTConfig,
    XLMRobertaConfig,
)

LIMIT = 12
GREEDY = {"num_beams": 1, "max_length": LIMIT}
BEAMS = {"num_beams": 4, "max_length": LIMIT}
VARIANTS = {
    "greedy": GREEDY,
    "greedy, no repeated bigram": {**GREEDY, "no_repeat_ngram_size": 2},
    "4 beams": BEAMS,
    "4 beams, no repeated bigram": {**BEAMS, "no_repeat_ngram_size": 2},
    "3 beams, all returned": {**BEAMS, "num_beams": 3, "num_return_sequences": 3},
    "5 beams, stop early, favour long": {**BEAMS, "num_beams": 5, "early_stopping": True, "length_penalty": 2.0},
}
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
# Start, end and padding as the tokenizers of BERT and RoBERTa have them: [CLS] [SEP] [PAD] and <s> </s> <pad>.
BERT = {"start": 3, "end": 4, "pad": 0}
ROBERTA = {"start": 0, "end": 2, "pad": 1}
GPT2 = {"start": 2, "end": 2, "pad": 2}
# As TrOCR's files have them: what ends a text starts it too.
TROCR = {"start": 2, "end": 2, "pad": 1}


def write(folder, model, *, height, width, larger=None, padded=False):
    """Everything for one pair. `padded` puts the padding id inside a caption, where RoBERTa doesn't count it as a
    position and no lookup sends its row a gradient."""
    vocabulary, end = model.config.decoder.vocab_size, model.config.eos_token_id
    pixel_values = reference.pictures(3, 3, height, width, seed=1)
    labels = reference.captions([6, 8, 3], vocabulary, seed=2, end=end)
    if padded:
        labels[0, 1] = labels[1, 3] = model.config.pad_token_id
    reference.let_end(model, pixel_values, end, [GREEDY, BEAMS])
    model.save_pretrained(folder)
    tensors = reference.expected(model, pixel_values, labels)
    if larger:
        tensors |= reference.interpolated(model, reference.pictures(2, 3, *larger, seed=3))
    reference.save_tensors(tensors, folder / "expected.safetensors")
    reference.write_json(reference.generations(model, pixel_values, VARIANTS), folder / "generation.json")


def make_deit_bert(folder):
    """Both at their defaults, widths equal: two special tokens, a tied head with its bias, two token types."""
    model = reference.join(
        DeiTConfig(hidden_size=10, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
                   image_size=12, patch_size=4),
        BertConfig(vocab_size=26, hidden_size=10, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
                   max_position_embeddings=14, **NO_DROPOUT),
        **BERT, seed=2)
    write(folder, model, height=12, width=12, larger=(16, 8))


def make_deit_roberta(folder):
    """DeiT without query, key and value biases and without pooler on oblong pictures; RoBERTa of another width and
    activation (its head keeps GELU), positions after the padding index, padding inside a caption."""
    model = reference.join(
        DeiTConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12,
                   image_size=[8, 12], patch_size=[4, 3], qkv_bias=False, hidden_act="gelu_new",
                   layer_norm_eps=1e-3),
        RobertaConfig(vocab_size=26, hidden_size=12, num_hidden_layers=2, num_attention_heads=3,
                      intermediate_size=16, max_position_embeddings=16, type_vocab_size=1, hidden_act="relu",
                      layer_norm_eps=1e-3, **NO_DROPOUT),
        **ROBERTA, pooler=False, seed=11)
    write(folder, model, height=8, width=12, padded=True)


def make_beit_roberta(folder):
    """BEiT with a relative position bias per layer, layer scale and mean pooling, which drops the final layer norm;
    RoBERTa at its defaults."""
    model = reference.join(
        BeitConfig(hidden_size=10, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
                   image_size=12, patch_size=4, use_relative_position_bias=True, layer_scale_init_value=0.1,
                   use_mean_pooling=True, drop_path_rate=0.0),
        RobertaConfig(vocab_size=26, hidden_size=10, num_hidden_layers=2, num_attention_heads=2,
                      intermediate_size=12, max_position_embeddings=16, type_vocab_size=1, **NO_DROPOUT),
        **ROBERTA, seed=6)
    write(folder, model, height=12, width=12, larger=(16, 8))


def make_beit_gpt2(folder):
    """BEiT with one shared relative position bias, no layer scale, no mean pooling and an unused mask token."""
    model = reference.join(
        BeitConfig(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
                   image_size=12, patch_size=3, use_shared_relative_position_bias=True, layer_scale_init_value=0.0,
                   use_mean_pooling=False, use_mask_token=True, hidden_act="relu", drop_path_rate=0.0),
        GPT2Config(vocab_size=26, n_positions=14, n_embd=8, n_layer=2, n_head=2, n_inner=16,
                   bos_token_id=2, eos_token_id=2, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0),
        **GPT2, seed=8)
    write(folder, model, height=12, width=12)


def make_beit_bert(folder):
    """BEiT with absolute positions and both relative biases; BERT with a head of its own, another activation,
    three token types, and padding inside a caption."""
    model = reference.join(
        BeitConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12,
                   image_size=9, patch_size=3, use_absolute_position_embeddings=True,
                   use_relative_position_bias=True, use_shared_relative_position_bias=True,
                   use_mean_pooling=False, layer_norm_eps=1e-3, drop_path_rate=0.0),
        BertConfig(vocab_size=26, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=16,
                   max_position_embeddings=14, type_vocab_size=3, hidden_act="gelu_new", layer_norm_eps=1e-3,
                   tie_word_embeddings=False, **NO_DROPOUT),
        **BERT, pooler=False, seed=11)
    write(folder, model, height=9, width=9, larger=(15, 12), padded=True)


def make_swin_gpt2(folder):
    """Swin on pictures that are no multiple of the patch, maps that are no multiple of the window or of two: 20 × 14
    pixels, 7 × 5 patches in windows of 3, merged to 4 × 3."""
    model = reference.join(
        SwinConfig(embed_dim=6, depths=[2, 2], num_heads=[2, 3], window_size=3, image_size=[20, 14], patch_size=3,
                   drop_path_rate=0.0, layer_norm_eps=1e-3, mlp_ratio=1.5),
        GPT2Config(vocab_size=26, n_positions=14, n_embd=12, n_layer=1, n_head=2, n_inner=16,
                   bos_token_id=2, eos_token_id=2, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0),
        **GPT2, seed=9)
    write(folder, model, height=20, width=14)


def make_swin_bert(folder):
    """Swin of three stages with absolute positions and without query, key and value biases; the last stage's map is
    one window, where nothing shifts."""
    model = reference.join(
        SwinConfig(embed_dim=3, depths=[2, 1, 2], num_heads=[1, 2, 3], window_size=2, image_size=16, patch_size=2,
                   use_absolute_embeddings=True, qkv_bias=False, mlp_ratio=2.0, hidden_act="gelu_new",
                   drop_path_rate=0.0),
        BertConfig(vocab_size=26, hidden_size=12, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12,
                   max_position_embeddings=14, **NO_DROPOUT),
        **BERT, pooler=False, seed=5)
    write(folder, model, height=16, width=16, larger=(12, 20))


def make_swin_roberta(folder):
    """Swin with windows that fit: 8 × 8 patches in windows of 4, shifted by 2, then one window."""
    model = reference.join(
        SwinConfig(embed_dim=4, depths=[2, 2], num_heads=[2, 1], window_size=4, image_size=16, patch_size=2,
                   mlp_ratio=2.0, drop_path_rate=0.0),
        RobertaConfig(vocab_size=26, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
                      intermediate_size=12, max_position_embeddings=16, type_vocab_size=2,
                      tie_word_embeddings=False, hidden_act="gelu_new", **NO_DROPOUT),
        **ROBERTA, seed=8)
    write(folder, model, height=16, width=16)


def vit(**options):
    """A small ViT for a decoder that is to be looked at."""
    return ViTConfig(**{"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 12,
                        "image_size": 12, "patch_size": 4, **options})


def fairseq(config_class, **options):
    """A small configuration of BART and its kin, without dropout."""
    return config_class(**{
        "vocab_size": 26, "d_model": 8, "decoder_layers": 2, "decoder_attention_heads": 2, "decoder_ffn_dim": 12,
        "max_position_embeddings": 14, "dropout": 0.0, **options})


def make_vit_trocr(folder):
    """TrOCR as in most of its files: learned positions and a norm behind the embeddings, GELU, a head of its own, and
    attention to the states of a ViT without query, key and value biases as wide as they are."""
    model = reference.join(
        vit(hidden_size=12, qkv_bias=False),
        fairseq(TrOCRConfig, cross_attention_hidden_size=12, tie_word_embeddings=False, use_cache=False),
        **TROCR, pooler=False, seed=41)
    write(folder, model, height=12, width=12, padded=True)


def make_vit_trocr_sinusoidal(folder):
    """TrOCR as in its large printed and its stage-1 files: sinusoidal positions, scaled words, no norm behind the
    embeddings, ReLU; padding inside a caption, which takes no position."""
    model = reference.join(
        vit(hidden_size=12, qkv_bias=False),
        fairseq(TrOCRConfig, cross_attention_hidden_size=12, tie_word_embeddings=False, scale_embedding=True,
                use_learned_position_embeddings=False, layernorm_embedding=False, activation_function="relu"),
        **TROCR, pooler=False, seed=42)
    write(folder, model, height=12, width=12, padded=True)


def make_deit_trocr(folder):
    """TrOCR behind a DeiT of another width whose states are projected, with a tied head, and scaled words before a norm;
    sinusoidal positions of an odd width."""
    model = reference.join(
        DeiTConfig(hidden_size=10, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12,
                   image_size=12, patch_size=4),
        fairseq(TrOCRConfig, d_model=9, decoder_attention_heads=3, scale_embedding=True,
                use_learned_position_embeddings=False, activation_function="gelu_new"),
        **ROBERTA, seed=23)
    write(folder, model, height=12, width=12, padded=True)


def make_vit_bart(folder):
    """BART at its defaults, of the encoder's width: a tied head."""
    model = reference.join(vit(), fairseq(BartConfig), **ROBERTA, seed=24)
    write(folder, model, height=12, width=12)


def make_vit_bart_options(folder):
    """BART with scaled words, ReLU, a head of its own, another padding token inside a caption, and states of another
    width, projected."""
    model = reference.join(
        vit(), fairseq(BartConfig, d_model=12, decoder_attention_heads=3, decoder_layers=1, decoder_ffn_dim=16,
                       scale_embedding=True, activation_function="relu", tie_word_embeddings=False, pad_token_id=0),
        start=2, end=3, pad=0, seed=25)
    write(folder, model, height=12, width=12, padded=True)


def make_vit_mbart(folder):
    """mBART at its defaults, of the encoder's width: norms before, one at the end, a tied head."""
    model = reference.join(vit(), fairseq(MBartConfig), **ROBERTA, seed=26)
    write(folder, model, height=12, width=12)


def make_vit_mbart_options(folder):
    """mBART as Donut has it, with scaled words, and with ReLU, a head of its own, padding inside a caption, and states
    of another width, projected."""
    model = reference.join(
        vit(), fairseq(MBartConfig, d_model=12, decoder_attention_heads=3, decoder_layers=1, decoder_ffn_dim=16,
                       scale_embedding=True, activation_function="relu", tie_word_embeddings=False),
        start=0, end=2, pad=1, seed=27)
    write(folder, model, height=12, width=12, padded=True)


def make_vit_electra(folder):
    """ELECTRA whose embeddings are narrower than its layers, and a tied head."""
    model = reference.join(
        vit(), ElectraConfig(vocab_size=26, embedding_size=6, hidden_size=8, num_hidden_layers=2,
                             num_attention_heads=2, intermediate_size=12, max_position_embeddings=14, **NO_DROPOUT),
        **BERT, seed=48)
    write(folder, model, height=12, width=12)


def make_vit_electra_options(folder):
    """ELECTRA whose embeddings are as wide as its layers, with ReLU (its head keeps GELU), three token types, a head of
    its own, padding inside a caption, and states of another width, projected."""
    model = reference.join(
        vit(), ElectraConfig(vocab_size=26, embedding_size=12, hidden_size=12, num_hidden_layers=1,
                             num_attention_heads=3, intermediate_size=16, max_position_embeddings=14,
                             type_vocab_size=3, hidden_act="relu", layer_norm_eps=1e-3, tie_word_embeddings=False,
                             **NO_DROPOUT),
        **BERT, seed=69)
    write(folder, model, height=12, width=12, padded=True)


def make_vit_xlm_roberta(folder):
    """XLM-RoBERTa: RoBERTa's under another name."""
    model = reference.join(
        vit(), XLMRobertaConfig(vocab_size=26, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
                                intermediate_size=12, max_position_embeddings=16, type_vocab_size=1, **NO_DROPOUT),
        **ROBERTA, seed=30)
    write(folder, model, height=12, width=12, padded=True)


def make_vit_camembert(folder):
    """CamemBERT: RoBERTa's under another name, with a head of its own, another activation and another width."""
    model = reference.join(
        vit(), CamembertConfig(vocab_size=26, hidden_size=12, num_hidden_layers=1, num_attention_heads=3,
                               intermediate_size=16, max_position_embeddings=16, type_vocab_size=2,
                               hidden_act="relu", layer_norm_eps=1e-3, tie_word_embeddings=False, **NO_DROPOUT),
        **ROBERTA, seed=31)
    write(folder, model, height=12, width=12, padded=True)


def make_vit_bert_generation(folder):
    """BERT as a generator: no token types, a tied head with its bias."""
    model = reference.join(
        vit(), BertGenerationConfig(vocab_size=26, hidden_size=8, num_hidden_layers=2, num_attention_heads=2,
                                    intermediate_size=12, max_position_embeddings=14, **NO_DROPOUT),
        start=2, end=1, pad=0, seed=52)
    write(folder, model, height=12, width=12)


def make_vit_bert_generation_options(folder):
    """BERT as a generator with a head of its own, another activation, padding inside a caption, and another width."""
    model = reference.join(
        vit(), BertGenerationConfig(vocab_size=26, hidden_size=12, num_hidden_layers=1, num_attention_heads=3,
                                    intermediate_size=16, max_position_embeddings=14, hidden_act="relu",
                                    layer_norm_eps=1e-3, tie_word_embeddings=False, **NO_DROPOUT),
        start=2, end=1, pad=0, seed=33)
    write(folder, model, height=12, width=12, padded=True)


def write_distilbert(folder, config, seed):
    """Hidden states, logits, the loss of the next tokens, and gradients of a DistilBertForMaskedLM whose attention
    sees no later token."""
    torch.manual_seed(seed)
    model = reference.untame(DistilBertForMaskedLM(config), seed)
    model.save_pretrained(folder)
    end, pad, start = 4, config.pad_token_id, 3
    labels = reference.captions([6, 8, 3], config.vocab_size, seed=2, end=end)
    labels[0, 1] = pad
    input_ids = reference.shift_tokens_right(labels, pad, start)
    width = input_ids.shape[1]
    causal = torch.ones(width, width, dtype=torch.bool).tril().expand(len(input_ids), 1, width, width)
    output = model(input_ids=input_ids, attention_mask=causal, labels=labels, output_hidden_states=True)
    output.loss.backward()
    reference.save_tensors({
        "input_ids": input_ids,
        "labels": labels,
        **{f"hidden.{layer}": hidden.detach() for layer, hidden in enumerate(output.hidden_states)},
        "logits": output.logits.detach(),
        "loss": output.loss.detach(),
        **reference.gradients(model),
    }, folder / "expected.safetensors")


def make_distilbert(folder):
    """DistilBERT at its defaults: a tied head with its bias."""
    write_distilbert(folder, DistilBertConfig(
        vocab_size=26, dim=12, n_layers=2, n_heads=2, hidden_dim=16, max_position_embeddings=14,
        dropout=0.0, attention_dropout=0.0), seed=9)


def make_distilbert_options(folder):
    """DistilBERT with ReLU, sinusoidal positions and a head of its own."""
    write_distilbert(folder, DistilBertConfig(
        vocab_size=26, dim=12, n_layers=1, n_heads=3, hidden_dim=16, max_position_embeddings=10,
        activation="relu", sinusoidal_pos_embds=True, tie_word_embeddings=False,
        dropout=0.0, attention_dropout=0.0), seed=10)


def make(folder):
    cases = {
        "deit-bert": make_deit_bert,
        "deit-roberta": make_deit_roberta,
        "beit-roberta": make_beit_roberta,
        "beit-gpt2": make_beit_gpt2,
        "beit-bert": make_beit_bert,
        "swin-gpt2": make_swin_gpt2,
        "swin-bert": make_swin_bert,
        "swin-roberta": make_swin_roberta,
        "vit-trocr": make_vit_trocr,
        "vit-trocr-sinusoidal": make_vit_trocr_sinusoidal,
        "deit-trocr": make_deit_trocr,
        "vit-bart": make_vit_bart,
        "vit-bart-options": make_vit_bart_options,
        "vit-mbart": make_vit_mbart,
        "vit-mbart-options": make_vit_mbart_options,
        "vit-electra": make_vit_electra,
        "vit-electra-options": make_vit_electra_options,
        "vit-xlm-roberta": make_vit_xlm_roberta,
        "vit-camembert": make_vit_camembert,
        "vit-bert-generation": make_vit_bert_generation,
        "vit-bert-generation-options": make_vit_bert_generation_options,
        "distilbert": make_distilbert,
        "distilbert-options": make_distilbert_options,
    }
    for name, make_case in cases.items():
        (folder / name).mkdir(exist_ok=True)
        make_case(folder / name)
