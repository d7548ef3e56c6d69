import Foundation
import VignetteModels
import VignetteTensors

/// How probable SigLIP (Zhai et al., 2023) finds it that a caption and its image belong together: σ(t · cos + b), with the
/// model's own t and b. Captions go to the tokenizer as they are.
struct SigLIPMatch: ImageTextMeasure {
  private let model: SigLIP

  init(_ model: SigLIP) { self.model = model }

  let scoreNames = ["SigLIP"]
  let prompt = ""
  var vocabularySize: Int { model.vocabularySize }
  var maximumLength: Int { model.maximumLength }
  // Texts have an end alone.
  let specialTokenCount = 1

  func values(of captions: [TokenizedCaption], pixelValues: Tensor) throws -> [[Double?]] {
    let images = try model.embeddings(ofImages: pixelValues).rows
    let texts = model.embeddings(ofTexts: captions.map(\.caption)).rows
    return zip(images, texts).map { image, text in [1 / (1 + exp(-model.logit(cosine: cosine(image, text))))]
    }
  }
}

extension ImageTextFamily {
  static let siglip = ImageTextFamily(modelType: "siglip", example: "google/siglip-base-patch16-224") {
    SigLIPMatch(try SigLIP($0, weights: $1))
  }
}
