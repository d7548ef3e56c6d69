import VignetteFiles

/// Sizes of encoders that start from nothing.
public enum EncoderPreset: String, Sendable, CaseIterable {
  /// 4 layers of 128, for small images of 48 pixels.
  case vitMicro = "vit-micro"
  /// DeiT's tiny: 12 layers of 192.
  case vitTiny = "vit-tiny"
  /// DeiT's small: 12 layers of 384.
  case vitSmall = "vit-small"
  /// ViT's and DeiT's base: 12 layers of 768.
  case vitBase = "vit-base"

  /// The encoder's config.json.
  func configuration(imageSize: Int?) -> JSONValue {
    let (width, layers, heads, image, patch): (Int, Int, Int, Int, Int) =
      switch self {
      case .vitMicro: (128, 4, 4, 48, 8)
      case .vitTiny: (192, 12, 3, 224, 16)
      case .vitSmall: (384, 12, 6, 224, 16)
      case .vitBase: (768, 12, 12, 224, 16)
      }
    return [
      "model_type": "vit", "hidden_size": .int(width), "num_hidden_layers": .int(layers),
      "num_attention_heads": .int(heads), "intermediate_size": .int(4 * width), "hidden_act": "gelu",
      "image_size": .int(imageSize ?? image), "patch_size": .int(patch), "num_channels": 3, "qkv_bias": true,
      "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "layer_norm_eps": 1e-12,
      "initializer_range": 0.02,
    ]
  }
}

/// Sizes of decoders that start from nothing.
public enum DecoderPreset: String, Sendable, CaseIterable {
  /// 2 layers of 128.
  case gpt2Micro = "gpt2-micro"
  /// 4 layers of 256.
  case gpt2Tiny = "gpt2-tiny"
  /// 6 layers of 512.
  case gpt2Small = "gpt2-small"
  /// GPT-2 itself: 12 layers of 768.
  case gpt2 = "gpt2"

  /// The decoder's config.json.
  func configuration(vocabularySize: Int, endTokenID: Int) -> JSONValue {
    let (width, layers, heads, positions): (Int, Int, Int, Int) =
      switch self {
      case .gpt2Micro: (128, 2, 4, 64)
      case .gpt2Tiny: (256, 4, 4, 128)
      case .gpt2Small: (512, 6, 8, 256)
      case .gpt2: (768, 12, 12, 1024)
      }
    // Small models that see their data a few times have nothing to gain from dropout.
    let dropout: JSONValue = self == .gpt2 ? 0.1 : 0.0
    return [
      "model_type": "gpt2", "vocab_size": .int(vocabularySize), "n_positions": .int(positions),
      "n_embd": .int(width), "n_layer": .int(layers), "n_head": .int(heads),
      "activation_function": "gelu_new",
      "resid_pdrop": dropout, "embd_pdrop": dropout, "attn_pdrop": dropout, "layer_norm_epsilon": 1e-5,
      "initializer_range": 0.02, "bos_token_id": .int(endTokenID), "eos_token_id": .int(endTokenID),
      "is_decoder": true, "add_cross_attention": true, "tie_word_embeddings": true,
    ]
  }
}
