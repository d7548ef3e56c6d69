import VignetteFiles
import VignetteModels
import VignetteTensors

/// CLIPScore and RefCLIPScore (Hessel et al., 2021, https://arxiv.org/abs/2104.08718), from any CLIP model.
///
/// For a caption c with the prompt "A photo depicts " before it, and an image v: CLIPScore = 2.5 · max(cos(c, v), 0).
/// RefCLIPScore is the harmonic mean of that and of max(cos(c, r), 0), of the references r the closest, which get the
/// prompt too.
///
/// The paper's figures are CLIP ViT-B/32's, computed in float16 on a GPU; these are float32, as its code is on a CPU. That
/// code also mends broken Unicode and HTML entities in captions, which Transformers' tokenizer leaves, and divides by 0
/// where here the mean of two zeros is 0.
struct CLIPScore: ImageTextMeasure {
  private let model: CLIP

  init(_ model: CLIP) { self.model = model }

  private static let weight = 2.5

  let scoreNames = ["CLIPScore", "RefCLIPScore"]
  let prompt = "A photo depicts "
  var vocabularySize: Int { model.vocabularySize }
  var maximumLength: Int { model.maximumLength }

  func values(of captions: [TokenizedCaption], pixelValues: Tensor) throws -> [[Double?]] {
    let images = try model.embeddings(ofImages: pixelValues).rows
    let candidates = model.embeddings(ofTexts: captions.map(\.caption)).rows
    let references = embeddings(of: captions.flatMap(\.references), atOnce: captions.count)
    var next = 0
    return captions.indices.map { row in
      let own = references[next..<next + captions[row].references.count]
      next = own.endIndex
      let score = Self.weight * max(cosine(candidates[row], images[row]), 0)
      let closest = own.map { cosine(candidates[row], $0) }.max()
      return [score, closest.map { Self.harmonicMean(score, max($0, 0)) }]
    }
  }

  private func embeddings(of texts: [[Int32]], atOnce count: Int) -> [ArraySlice<Float>] {
    stride(from: 0, to: texts.count, by: count).flatMap { start in
      model.embeddings(ofTexts: Array(texts[start..<min(start + count, texts.count)])).rows
    }
  }

  private static func harmonicMean(_ a: Double, _ b: Double) -> Double {
    a + b == 0 ? 0 : 2 * a * b / (a + b)
  }
}

extension ImageTextFamily {
  static let clip = ImageTextFamily(modelType: "clip", example: "openai/clip-vit-base-patch32") {
    CLIPScore(try CLIP($0, weights: $1))
  }
}
