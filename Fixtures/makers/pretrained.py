"""Small encoders and decoders as Transformers writes them, each alone in its folder: what `vignette init` joins.

A folder is named after its architecture, and after its head where it has one. Encoders bring their image processor,
decoders their tokenizer.
"""
import support.quiet  # noqa: F401
import torch
import transformers
from support import reference, tiny_tokenizer
from tokenizers import AddedToken, pre_tokenizers, processors

WIDTH, HEADS = 12, 2
WORDS = sorted({word for sentence in tiny_tokenizer.SENTENCES
                for word in "".join(c if c.isalpha() else " " for c in sentence.lower()).split()})
LETTERS = [prefix + letter for prefix in ("", "##") for letter in "abcdefghijklmnopqrstuvwxyz"]


def square(side):
    return {"height": side, "width": side}


def encoders():
    """Name, model and image processor. Pictures have 16 × 16 pixels in the end."""
    transformer = dict(hidden_size=WIDTH, num_hidden_layers=1, num_attention_heads=HEADS, intermediate_size=16,
                       image_size=16, patch_size=4, num_labels=3)
    vit = transformers.ViTConfig(**transformer)
    deit = transformers.DeiTConfig(**transformer)
    # The usual BEiT: relative positions in each layer, layer scale, mean pooling.
    beit = transformers.BeitConfig(**{**transformer, "hidden_size": 10}, use_relative_position_bias=True,
                                   use_mean_pooling=True, layer_scale_init_value=0.1)
    swin = transformers.SwinConfig(embed_dim=WIDTH // 2, depths=[2, 1], num_heads=[1, 2], window_size=2, image_size=16,
                                   patch_size=4, mlp_ratio=2.0, num_labels=3)
    plain = transformers.ViTImageProcessor(size=square(16))
    cropping = dict(size=square(20), crop_size=square(16), do_center_crop=True)
    for name, plain_class, head_class, config, processor in (
            ("vit", transformers.ViTModel, transformers.ViTForImageClassification, vit, plain),
            ("deit", transformers.DeiTModel, transformers.DeiTForImageClassificationWithTeacher, deit,
             transformers.DeiTImageProcessor(**cropping)),
            ("beit", transformers.BeitModel, transformers.BeitForImageClassification, beit,
             transformers.BeitImageProcessor(**cropping)),
            ("swin", transformers.SwinModel, transformers.SwinForImageClassification, swin, plain)):
        yield name, plain_class, config, processor
        yield f"{name}-classifier", head_class, config, processor


def word_piece(tokenizer_class):
    """[PAD], [UNK], [CLS], [SEP], [MASK], letters alone and inside words, and the words of a few sentences."""
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ",", ";", "'", *LETTERS, *WORDS]
    return tokenizer_class(vocab={token: number for number, token in enumerate(dict.fromkeys(tokens))})


def gpt2_tokenizer():
    """One special token, as GPT-2 has, and none for padding."""
    end = tiny_tokenizer.END
    return transformers.GPT2Tokenizer(
        tokenizer_object=tiny_tokenizer.train().backend_tokenizer, bos_token=end, eos_token=end, unk_token=end)


def roberta_tokenizer():
    """<s>, <pad>, </s>, <unk> and the bytes of ASCII, and <mask> at the end."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    letters = [letter for letter in alphabet if ord(letter) < 127 or letter == "Ġ"]
    tokens = ["<s>", "<pad>", "</s>", "<unk>", *letters, "Ġa", "Ġt", "he", "Ġthe", "<mask>"]
    merges = [("Ġ", "a"), ("Ġ", "t"), ("h", "e"), ("Ġt", "he")]
    return transformers.RobertaTokenizer(vocab={token: number for number, token in enumerate(tokens)}, merges=merges)


def decoders():
    """Name, model and tokenizer."""
    gpt2, roberta = gpt2_tokenizer(), roberta_tokenizer()
    bert, distilbert = word_piece(transformers.BertTokenizer), word_piece(transformers.DistilBertTokenizer)
    transformer = dict(num_hidden_layers=1, num_attention_heads=HEADS, intermediate_size=16)
    gpt2_config = transformers.GPT2Config(
        vocab_size=len(gpt2), n_positions=24, n_embd=WIDTH, n_layer=1, n_head=HEADS, n_inner=16,
        bos_token_id=gpt2.bos_token_id, eos_token_id=gpt2.eos_token_id)
    bert_config = transformers.BertConfig(
        vocab_size=len(bert), hidden_size=WIDTH, max_position_embeddings=24, **transformer)
    roberta_config = transformers.RobertaConfig(
        vocab_size=len(roberta), hidden_size=16, max_position_embeddings=26, type_vocab_size=1, **transformer)
    distilbert_config = transformers.DistilBertConfig(
        vocab_size=len(distilbert), dim=WIDTH, n_layers=1, n_heads=HEADS, hidden_dim=16, max_position_embeddings=24)
    yield "gpt2", transformers.GPT2Model, gpt2_config, gpt2
    yield "gpt2-language", transformers.GPT2LMHeadModel, gpt2_config, gpt2
    yield "bert", transformers.BertModel, bert_config, bert
    yield "bert-masked", transformers.BertForMaskedLM, bert_config, bert
    yield "bert-language", transformers.BertLMHeadModel, bert_config, bert
    yield "roberta", transformers.RobertaModel, roberta_config, roberta
    yield "roberta-masked", transformers.RobertaForMaskedLM, roberta_config, roberta
    yield "distilbert", transformers.DistilBertModel, distilbert_config, distilbert
    yield "distilbert-masked", transformers.DistilBertForMaskedLM, distilbert_config, distilbert
    yield from more_decoders(roberta, bert)


def more_decoders(roberta, bert):
    """Decoders with the tokenizers of others. BART's and mBART's stand in models with an encoder."""
    transformer = dict(num_hidden_layers=1, num_attention_heads=HEADS, intermediate_size=16)
    fairseq = dict(vocab_size=len(roberta), d_model=WIDTH, decoder_layers=1, decoder_attention_heads=HEADS,
                   decoder_ffn_dim=16, max_position_embeddings=24)
    encoder = dict(encoder_layers=1, encoder_attention_heads=HEADS, encoder_ffn_dim=16)
    like_roberta = dict(vocab_size=len(roberta), hidden_size=WIDTH, max_position_embeddings=26, type_vocab_size=1,
                        **transformer)
    electra = transformers.ElectraConfig(vocab_size=len(bert), embedding_size=8, hidden_size=WIDTH,
                                         max_position_embeddings=24, **transformer)
    bart = transformers.BartConfig(**fairseq, **encoder)
    yield "xlm-roberta-masked", transformers.XLMRobertaForMaskedLM, transformers.XLMRobertaConfig(**like_roberta), roberta
    yield "camembert-masked", transformers.CamembertForMaskedLM, transformers.CamembertConfig(**like_roberta), roberta
    yield "electra-generator", transformers.ElectraForMaskedLM, electra, bert
    yield "electra-discriminator", transformers.ElectraForPreTraining, electra, bert
    yield "bert-generation", transformers.BertGenerationDecoder, transformers.BertGenerationConfig(
        vocab_size=len(bert), hidden_size=WIDTH, max_position_embeddings=24, is_decoder=True, **transformer), bert
    yield "bart", transformers.BartModel, bart, roberta
    yield "bart-conditional", transformers.BartForConditionalGeneration, bart, roberta
    yield "mbart-conditional", transformers.MBartForConditionalGeneration, transformers.MBartConfig(
        **fairseq, **encoder, scale_embedding=True), roberta
    yield "trocr", transformers.TrOCRForCausalLM, transformers.TrOCRConfig(**fairseq), roberta


def contrastive_encoders():
    """CLIP's and SigLIP's vision models, alone and beside their text models; DINOv2 likewise, plain and with a head."""
    vision = dict(hidden_size=WIDTH, num_hidden_layers=1, num_attention_heads=HEADS, image_size=16, patch_size=4)
    transformer = dict(vision, intermediate_size=16)
    text = dict(hidden_size=8, num_hidden_layers=1, num_attention_heads=HEADS, intermediate_size=8, vocab_size=12,
                max_position_embeddings=6)
    cropping = dict(size={"shortest_edge": 20}, crop_size=square(16))
    clip_processor = transformers.CLIPImageProcessor(**cropping)
    siglip_processor = transformers.SiglipImageProcessor(size=square(16))
    yield "clip", transformers.CLIPModel, transformers.CLIPConfig(
        vision_config=transformer, text_config=text, projection_dim=6), clip_processor
    yield "clip-vision", transformers.CLIPVisionModel, transformers.CLIPVisionConfig(**transformer), clip_processor
    yield "siglip", transformers.SiglipModel, transformers.SiglipConfig(
        vision_config=transformer, text_config=text), siglip_processor
    yield ("siglip-vision", transformers.SiglipVisionModel, transformers.SiglipVisionConfig(**transformer),
           siglip_processor)
    dinov2 = transformers.Dinov2Config(**vision, mlp_ratio=2, num_labels=3)
    yield "dinov2", transformers.Dinov2Model, dinov2, transformers.BitImageProcessor(**cropping)
    yield "dinov2-classifier", transformers.Dinov2ForImageClassification, dinov2, transformers.BitImageProcessor(
        **cropping)


class DINOv3ImageProcessor:
    """What the files of DINOv3 say: Transformers has its class for torchvision alone."""

    def save_pretrained(self, folder):
        reference.write_json({
            "do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": [0.485, 0.456, 0.406],
            "image_processor_type": "DINOv3ViTImageProcessorFast", "image_std": [0.229, 0.224, 0.225], "resample": 2,
            "rescale_factor": 0.00392156862745098, "size": square(16)}, folder / "preprocessor_config.json")


def later_encoders():
    """Each plain, and with a head where it has one."""
    vision = dict(hidden_size=WIDTH, num_hidden_layers=1, num_attention_heads=HEADS, image_size=16, patch_size=4)
    transformer = dict(vision, intermediate_size=16, num_labels=3)
    cropping = dict(size={"shortest_edge": 20}, crop_size=square(16))
    plain, bit = transformers.ViTImageProcessor(size=square(16)), transformers.BitImageProcessor(**cropping)
    msn = transformers.ViTMSNConfig(**transformer)
    data2vec = transformers.Data2VecVisionConfig(**transformer, use_relative_position_bias=True)
    beit = transformers.BeitImageProcessor(size=square(20), crop_size=square(16), do_center_crop=True)
    registers = transformers.Dinov2WithRegistersConfig(**vision, mlp_ratio=2, num_labels=3)
    swinv2 = transformers.Swinv2Config(embed_dim=WIDTH // 2, depths=[2, 1], num_heads=[1, 2], window_size=2,
                                       image_size=16, patch_size=4, mlp_ratio=2.0, num_labels=3)
    mae = transformers.ViTMAEConfig(**transformer, decoder_hidden_size=8, decoder_num_attention_heads=HEADS,
                                    decoder_num_hidden_layers=1, decoder_intermediate_size=8)
    yield "vit-msn", transformers.ViTMSNModel, msn, plain
    yield "vit-msn-classifier", transformers.ViTMSNForImageClassification, msn, plain
    yield "data2vec-vision", transformers.Data2VecVisionModel, data2vec, beit
    yield "data2vec-vision-classifier", transformers.Data2VecVisionForImageClassification, data2vec, beit
    yield "dinov2-swiglu", transformers.Dinov2Model, transformers.Dinov2Config(
        **vision, mlp_ratio=2, use_swiglu_ffn=True), bit
    yield "dinov2-with-registers", transformers.Dinov2WithRegistersModel, registers, bit
    yield ("dinov2-with-registers-classifier", transformers.Dinov2WithRegistersForImageClassification, registers, bit)
    yield "dinov3", transformers.DINOv3ViTModel, transformers.DINOv3ViTConfig(
        **{**vision, "num_attention_heads": 3}, intermediate_size=16, num_register_tokens=2), DINOv3ImageProcessor()
    yield "swinv2", transformers.Swinv2Model, swinv2, plain
    yield "swinv2-classifier", transformers.Swinv2ForImageClassification, swinv2, plain
    yield "vit-mae", transformers.ViTMAEModel, mae, plain
    yield "vit-mae-pretraining", transformers.ViTMAEForPreTraining, mae, plain


def make(folder):
    # Each list has seeds of its own, so that none shifts another's when it grows.
    for seed, (name, model_class, config, companion) in [
            *enumerate([*encoders(), *decoders()], start=1), *enumerate(contrastive_encoders(), start=18),
            *enumerate(later_encoders(), start=60)]:
        torch.manual_seed(seed)
        model = reference.untame(model_class(config), seed)
        model.save_pretrained(folder / name)
        companion.save_pretrained(folder / name)
