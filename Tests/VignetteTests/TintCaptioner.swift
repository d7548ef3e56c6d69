import VignetteFiles
import VignetteModels
import VignetteTensors

/// A caption family that exists in these tests alone: patches → linear → linear; a word and its position ask the patches
/// once, and the answer, added to them, tells the next word.
final class TintCaptioner: CaptionModel {
  static let family = CaptionFamily("tint") { try TintCaptioner($0, weights: $1) }

  let configuration: CaptionConfiguration
  let parameters: [Parameter]
  let encoderDropsOut = false
  let imageSize = (height: 16, width: 16)
  let channels = 3
  let vocabularySize: Int
  let maximumLength = 16
  private let patch, bridge, words, positions, key, value, head: Parameter

  init(_ json: JSONField, weights: any WeightSource) throws {
    let size: Int = try json["vocab_size"].value()
    vocabularySize = size
    configuration = CaptionConfiguration(
      json, vision: json["vision_config"], textModelType: "gpt2",
      decoderStartTokenID: try json["bos_token_id"].value(), endTokenIDs: [try json["eos_token_id"].value()],
      padTokenID: try json["eos_token_id"].value())
    let builder = WeightBuilder(weights)
    let text = builder.root(.text)["text"]
    patch = builder.root(.vision).parameter("patch", [24, 3 * 8 * 8], .normal(0.02))
    bridge = builder.root(.bridge).parameter("bridge", [32, 24], .normal(0.2))
    words = text.parameter("words", [size, 32], .normal(0.2))
    positions = text.parameter("positions", [16, 32], .normal(0.2))
    key = text.parameter("key", [32, 32], .normal(0.2))
    value = text.parameter("value", [32, 32], .normal(0.2))
    head = text.parameter("head", [size, 32], .normal(0.2))
    parameters = try builder.finish(ignoring: [])
  }

  func hiddenStates(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    linear(patches(pixelValues, height: 8, width: 8), patch)
  }

  func features(_ hiddenStates: Tensor) -> ImageFeatures { ImageFeatures(linear(hiddenStates, bridge)) }

  func logits(
    tokens: [[Int32]], features: ImageFeatures, captionsPerImage: [Int]?, on tape: Tape?
  ) -> Tensor {
    let indices = tokens.flatMap { $0.indices.map { Int32($0) } }
    let x = embedding(
      [Lookup(tokens.flatMap { $0 }, in: words), Lookup(indices, in: positions)],
      on: tape ?? Tape.of(features.states)
    ).reshaped(tokens.count, -1, 32)
    let seen = attention(
      x, linear(features.states, key), linear(features.states, value),
      AttentionOptions(heads: 1, scale: 0.2, queriesPerKey: captionsPerImage))
    return linear(x + seen, head, output: .float32)
  }

  func decoding(of features: ImageFeatures) -> any DecodingModel { Decoding(model: self, features: features) }

  /// Nothing to keep: the next word depends on the latest one and its position alone.
  private struct Decoding: DecodingModel {
    let model: TintCaptioner
    let features: ImageFeatures
    var rows: [(image: Int, length: Int)] = []

    var imageCount: Int { features.imageCount }
    var vocabularySize: Int { model.vocabularySize }
    var maximumLength: Int { model.maximumLength }

    mutating func begin(prompts: [[Int]], logits: UnsafeMutableBufferPointer<Float>) {
      rows = prompts.enumerated().map { ($0, $1.count) }
      write(prompts.map { $0[$0.count - 1] }, to: logits)
    }

    mutating func step(tokens: [Int], parents: [Int], logits: UnsafeMutableBufferPointer<Float>) {
      rows = parents.map { (rows[$0].image, rows[$0].length + 1) }
      write(tokens, to: logits)
    }

    private func write(_ tokens: [Int], to logits: UnsafeMutableBufferPointer<Float>) {
      for (row, (token, place)) in zip(tokens, rows).enumerated() {
        // A caption of other words would do as well; only the last counts.
        let caption = [Int32](repeating: Int32(token), count: place.length)
        let image = ImageFeatures(features.states.slice(place.image..<place.image + 1, axis: 0).contiguous())
        let all = model.logits(tokens: [caption], features: image)
        let size = model.vocabularySize
        all.withFloats { values in
          for index in 0..<size { logits[row * size + index] = values[values.count - size + index] }
        }
      }
    }
  }
}
