extension ViT {
  /// The data-efficient image Transformer (Touvron et al., 2020) as Hugging Face's `DeiTModel` computes it:
  /// a second special token, which learned from a teacher, follows the class token.
  init(distilled weights: WeightScope, _ configuration: ViTConfiguration) {
    self.init(
      weights, configuration, specialTokens: ["cls_token", "distillation_token"], initialization: .zeros)
  }
}
