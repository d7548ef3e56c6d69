import VignetteFiles
import VignetteTensors

extension ViT {
  /// The encoder of a masked autoencoder (He et al., 2021) as Hugging Face's `ViTMAEModel` computes it where nothing is
  /// masked: a ViT whose positions are sines and cosines, which training leaves as they are.
  ///
  /// Hugging Face's leaves out the share `mask_ratio` of the patches at random wherever it is called, by default three
  /// quarters, and brings the others out of order. What stands in an image must be seen to be told, so all patches are
  /// encoded here whatever the field says, in order; ``maskNothing`` says so in the captioner's config.json.
  init(masked weights: WeightScope, _ json: JSONField) throws {
    let c = try ViTConfiguration(json)
    _ = try json["mask_ratio"].probability(default: 0.75)
    guard c.hiddenSize % 4 == 0 else {
      throw json["hidden_size"].mismatch(expected: "a multiple of 4, which sines in two directions need")
    }
    let scope = weights["embeddings"]
    let positions = LearnedPositions(
      scope, specialTokens: 1, grid: c.grid, width: c.hiddenSize, .sinusoidalGrid(c.grid))
    positions.parameter.isFixed = true
    self.init(
      weights, c,
      VisionEmbeddings(
        configuration: c,
        patches: PatchEmbedding(
          scope["patch_embeddings.projection"], channels: c.numChannels, patchSize: c.patchSize,
          to: c.hiddenSize, deviation: c.initializerRange),
        specialTokens: [scope.parameter("cls_token", [1, 1, c.hiddenSize], .normal(c.initializerRange))],
        positions: positions))
  }

  /// What a captioner's config.json says of such an encoder.
  static let maskNothing: JSONObject = ["mask_ratio": 0.0]
}
