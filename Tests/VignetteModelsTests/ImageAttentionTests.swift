import Foundation
import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteModels
import VignetteTensors
import VignetteTestSupport

/// Where captions looked, against what Transformers' `generate` gives out.
@Suite struct ImageAttentionTests {
  struct Case: Decodable, CustomTestStringConvertible {
    struct Row: Decodable {
      /// The prompt first; those that were generated behind it.
      let tokens: [Int]
      let key: String
    }

    let model: String
    /// What captions begin with behind the start token.
    let prompt: [Int]
    let rows: [Row]

    var testDescription: String { "\(rows.first?.key.dropLast(2) ?? "")" }
  }

  static let cases = (try? Fixture.json([Case].self, "attention/cases.json")) ?? []

  static func reference(_ model: String) throws -> ReferenceModel {
    let parts = model.split(separator: "/").map(String.init)
    return try ReferenceModel(parts[1], in: parts[0])
  }

  @Test func allAreThere() { #expect(Self.cases.count == 4 * 21) }

  /// Maps and captions of whole searches: the same tokens, and for each the same weights of the patches.
  @Test(arguments: cases.indices)
  func equalsTransformers(number: Int) throws {
    let expected = Self.cases[number]
    let reference = try Self.reference(expected.model)
    let model = try CaptionFamily.loadModel(at: reference.folder)
    let pixels = try reference.tensor("pixel_values")
    let features = try model.encode(pixels)
    let file = try SafetensorsFile(at: Fixture.url("attention/expected.safetensors"))
    let maps = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
    let outputs = try Self.outputs(number, model, features, reference)
    let size = (height: pixels.shape[2], width: pixels.shape[3])
    let layout = try #require(model.patchLayout(height: size.height, width: size.width))
    let captions = try model.withAttention(outputs, features: features, imageSize: size).flatMap { $0 }
    try #require(captions.count == expected.rows.count)
    for (caption, row) in zip(captions, expected.rows) {
      #expect(caption.tokenIDs == row.tokens)
      let map = try #require(maps[row.key])
      let attention = try #require(caption.attention)
      #expect(attention.layout == layout && layout.cells.upperBound == map.shape[2])
      #expect(map.shape[0] == attention.values.count && map.shape[0] == caption.tokenLogProbabilities.count)
      let (floats, states) = (map.floats(), map.shape[2])
      var difference: Float = 0
      for (token, layers) in attention.values.enumerated() {
        try #require(layers.count == map.shape[1])
        for (layer, weights) in layers.enumerated() {
          let start = (token * layers.count + layer) * states
          let cells = floats[start + layout.cells.lowerBound..<start + layout.cells.upperBound]
          difference = zip(weights, cells).reduce(difference) { max($0, abs($1.0 - $1.1)) }
        }
      }
      #expect(difference <= 1e-5, "\(row.key): \(difference)")
    }
  }

  /// The search of a case, with the options that it had.
  private static func outputs(
    _ number: Int, _ model: any CaptionModel, _ features: ImageFeatures, _ reference: ReferenceModel
  ) throws -> [[GenerationOutput]] {
    let file = reference.folder.appendingPathComponent("generation_config.json")
    let defaults = try model.generationDefaults(try? JSONField(contentsOf: file))
    let options = try JSONField(contentsOf: Fixture.url("attention/cases.json")).elements()[number]["options"]
    let start = try #require(defaults.decoderStartTokenID ?? defaults.bosTokenID)
    var decoding = model.decoding(of: features)
    return try decoding.generate(
      GenerationOptions.checkpoint(generationConfig: options, config: nil).filled(from: defaults),
      prompts: [[Int]](repeating: [start] + cases[number].prompt, count: features.imageCount))
  }

  /// With class tokens, what a token attends to of the image is all of it; and captions of other images and lengths
  /// beside it change nothing.
  @Test(arguments: ["models/vit-gpt2", "architectures/deit-roberta", "git/git", "blip/blip"])
  func sharesAddUpAndRowsAreAlone(name: String) throws {
    let reference = try Self.reference(name)
    let model = try CaptionFamily.loadModel(at: reference.folder)
    let features = try model.encode(reference.tensor("pixel_values"))
    let rows = [[3, 5, 8, 9], [3, 7], [3], [3, 9, 11, 12, 5, 6]]
    let lengths = [1, 2, 1, 3]
    let together = try #require(
      model.imageAttention(
        tokens: rows, promptLengths: lengths, features: features, captionsPerImage: [2, 1, 1]))
    let states = features.states.shape[1]
    for layer in together {
      #expect(layer.shape == [4, 6, states])
      let floats = layer.floats
      for row in rows.indices {
        for position in rows[row].indices {
          let start = (row * 6 + position) * states
          #expect(abs(floats[start..<start + states].reduce(0, +) - 1) < 1e-5)
        }
      }
    }
    for (row, image) in [0, 0, 1, 2].enumerated() {
      let own = ImageFeatures(features.states.slice(image..<image + 1, axis: 0).contiguous())
      let alone = try #require(
        model.imageAttention(
          tokens: [rows[row]], promptLengths: [lengths[row]], features: own, captionsPerImage: [1]))
      for (layer, single) in zip(together, alone) {
        let all = layer.floats[row * 6 * states..<(row * 6 + rows[row].count) * states]
        expectClose(single.floats, Array(all), 1e-5)
      }
    }
  }

  @Test(arguments: ["models/vit-gpt2", "git/git", "blip/blip"])
  func bfloat16IsClose(name: String) throws {
    guard Precision.supportsBFloat16 else { return }
    let reference = try Self.reference(name)
    let model = try CaptionFamily.loadModel(at: reference.folder)
    func maps() throws -> [Float] {
      let features = try model.encode(reference.tensor("pixel_values"))
      let layers = try #require(
        model.imageAttention(
          tokens: [[3, 5, 8], [3, 7, 2], [3, 9, 4]], promptLengths: [1, 1, 1], features: features,
          captionsPerImage: [1, 1, 1]))
      #expect(layers.allSatisfy { $0.dtype == .float32 })
      return layers.flatMap(\.floats)
    }
    let exact = try maps()
    model.precision = .bfloat16
    expectClose(try maps(), exact, 6e-2)
  }

  /// What stands nowhere in the image comes first; cells that Swin merges are larger, and beyond the image where it pads.
  @Test(arguments: [
    ("vit-msn", 12, 12, 1, 3, 3, 4), ("deit", 20, 16, 2, 5, 4, 4), ("beit-oblong", 8, 16, 1, 2, 4, 4),
    ("clip", 12, 12, 1, 3, 3, 4), ("siglip", 12, 12, 0, 3, 3, 4), ("dinov2", 12, 12, 1, 3, 3, 4),
    ("dinov2-with-registers", 12, 12, 5, 3, 3, 4), ("dinov2-with-registers-resized", 8, 28, 4, 2, 7, 4),
    ("dinov3", 12, 12, 1, 3, 3, 4), ("dinov3-resized", 20, 16, 4, 5, 4, 4), ("vit-mae", 12, 12, 1, 3, 3, 4),
    ("swin-absolute", 18, 22, 0, 5, 6, 4), ("swinv2", 16, 16, 0, 4, 4, 4),
    ("swinv2-resized", 17, 22, 0, 5, 6, 4), ("data2vec-vision", 12, 12, 1, 3, 3, 4),
  ])
  func layouts(
    name: String, height: Int, width: Int, before: Int, rows: Int, columns: Int, cell: Int
  ) throws {
    let encoder = try ReferenceModel(name, in: "encoders").loadEncoder(nil).encoder
    let layout = encoder.layout(height: height, width: width)
    #expect(layout.tokensBefore == before && layout.rows == rows && layout.columns == columns)
    #expect(layout.cellHeight == cell && layout.cellWidth == cell)
    let pixels = Tensor(zeros: [1, encoder.channels, height, width])
    let states = try encoder.encode(pixels, interpolatePositions: true).shape[1]
    #expect(layout.cells == before..<states)
  }
}
