import Foundation
import VignetteTestSupport
import Testing
import Vignette
import VignetteFiles
import VignetteTensors

/// A checkpoint folder and an image file in, the captions that Transformers gives out.
@Suite struct CaptionerTests {
  struct Case: Decodable {
    let sequences: [[Int]]
    let sequencesScores: [Float]?
    let captions: [String]
  }

  static let folder = Fixture.url("models/vit-gpt2")
  static let scene = folder.appendingPathComponent("scene.png")

  @Test func captionsEqualTransformers() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let cases = try Fixture.json([Case].self, "models/vit-gpt2/caption.json", fromSnakeCase: true)
    let options = try JSONField(fixture: "models/vit-gpt2/caption.json").elements()
    for (number, expected) in cases.enumerated() {
      let generation = try GenerationOptions.checkpoint(
        generationConfig: options[number]["options"], config: nil)
      let captions = try await captioner.captions(of: Self.scene, generation: generation)
      #expect(
        captions.map(\.text) == expected.captions.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) })
      for (row, caption) in captions.enumerated() {
        #expect(caption.tokenIDs == Array(expected.sequences[row].prefix(caption.tokenIDs.count)))
        #expect((caption.score == nil) == (expected.sequencesScores == nil))
      }
    }
  }

  /// Options that are about texts, time, or what is ignored for images.
  @Test func captionsOfRarerOptionsEqualTransformers() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let fixture = "generation_options/captions.json"
    let cases = try Fixture.json([Case].self, fixture, fromSnakeCase: true)
    let options = try JSONField(fixture: fixture).elements()
    for (number, expected) in cases.enumerated() {
      let generation = try GenerationOptions.checkpoint(
        generationConfig: options[number]["options"], config: nil)
      let captions = try await captioner.captions(of: Self.scene, generation: generation)
      #expect(captions.map(\.tokenIDs) == expected.sequences)
      #expect(captions.map(\.text) == expected.captions)
      let endsByItself = generation.stopStrings != nil || captions[0].tokenIDs.last == 0
      #expect(captions[0].isCutOff == !endsByItself)
    }
  }

  @Test func oneCallGivesOneCaption() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let caption = try await captioner.caption(
      Self.scene, generation: GenerationOptions(maxLength: 12, numBeams: 4))
    #expect(caption.text == "iririririririririrTheThe")
    #expect(caption.tokenLogProbabilities.count == caption.tokenIDs.count - 1)
  }

  /// A processor that keeps proportions may leave a size that the model can't take: that image's trouble alone.
  @Test func oddShapesAreReportedAndOthersCaptioned() async throws {
    let folder = try TemporaryFolder()
    for file in try FileManager.default.contentsOfDirectory(at: Self.folder, includingPropertiesForKeys: nil)
    {
      try folder.write(Data(contentsOf: file), to: file.lastPathComponent)
    }
    let config = folder.url.appendingPathComponent("preprocessor_config.json")
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: config))
    var fields = try #require(object as? [String: Any])
    let size = try #require(fields["size"] as? [String: Int])
    fields["size"] = ["shortest_edge": try #require(size["height"])]
    fields["do_resize"] = true
    try JSONSerialization.data(withJSONObject: fields).write(to: config)
    let captioner = try await Captioner(modelAt: folder.url)
    let square = ImageSource.data(Self.bitmap(width: 20, height: 20))
    // The model takes squares; a stripe would even become too large an image to make.
    let stripe = ImageSource.data(Self.bitmap(width: 20_000, height: 1))
    let results = try await captioner.captions(
      of: [square, .file(Self.scene), stripe, square], generation: GenerationOptions(maxLength: 4)
    ).results()
    #expect(results.map { (try? $0.get()) != nil } == [true, false, false, true])
    #expect(try results[0].get() == results[3].get())
  }

  /// A black BMP file.
  private static func bitmap(width: Int, height: Int) -> Data {
    func bytes(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 255) } }
    let row = (3 * width + 3) / 4 * 4
    let file = Array("BM".utf8) + bytes(54 + row * height, 4) + bytes(0, 4) + bytes(54, 4)
    let header = bytes(40, 4) + bytes(width, 4) + bytes(height, 4) + bytes(1, 2) + bytes(24, 2)
    return Data(file + header + [UInt8](repeating: 0, count: 24 + row * height))
  }

  /// A batch with a bad image in it: the others are captioned, in order, as if alone.
  @Test func badImagesAreReportedAndOthersCaptioned() async throws {
    var options = CaptionerOptions()
    options.batchSize = 2
    let captioner = try await Captioner(modelAt: Self.folder, options: options)
    let cat = Fixture.url("../Examples/Images/cat.jpg")
    let half = try Data(contentsOf: cat).prefix(9000)
    let images: [ImageSource] = [
      .file(Self.scene), .data(Data("no image".utf8)), .file(cat), .data(half), .file(Self.scene),
    ]
    let generation = GenerationOptions(maxLength: 8)
    let results = try await captioner.captions(of: images, generation: generation).results()
    #expect(results.map { (try? $0.get()) != nil } == [true, false, true, false, true])
    for (number, image) in [(0, Self.scene), (2, cat), (4, Self.scene)] {
      let alone = try await captioner.caption(image, generation: generation)
      #expect(try results[number].get().first?.tokenIDs == alone.tokenIDs)
    }
  }

  @Test func bfloat16IsCloseEnoughToCaption() async throws {
    var options = CaptionerOptions()
    options.dtype = .bfloat16
    let captioner = try await Captioner(modelAt: Self.folder, options: options)
    #expect(captioner.dtype == (Precision.supportsBFloat16 ? .bfloat16 : .float32))
    let caption = try await captioner.caption(
      Self.scene, generation: GenerationOptions(maxLength: 6, numBeams: 4))
    #expect(!caption.text.isEmpty && (caption.score ?? 0).isFinite)
  }

  /// What is wrong with a folder is said with its file.
  @Test func brokenFoldersAreExplained() async throws {
    let copy = try TemporaryFolder()
    for name in [
      "config.json", "generation_config.json", "model.safetensors", "preprocessor_config.json",
      "tokenizer.json", "tokenizer_config.json",
    ] {
      try copy.write(Data(contentsOf: Self.folder.appendingPathComponent(name)), to: name)
    }
    func message() async -> String {
      do {
        _ = try await Captioner(modelAt: copy.url)
        return "no error"
      } catch { return "\(error)" }
    }
    func replace(_ name: String, _ edit: (Data) throws -> Data?) async throws -> String {
      let file = copy.url.appendingPathComponent(name)
      let original = try Data(contentsOf: file)
      defer { try? original.write(to: file) }
      if let changed = try edit(original) {
        try changed.write(to: file)
      } else {
        try FileManager.default.removeItem(at: file)
      }
      return await message()
    }
    func text(_ data: Data, _ old: String, _ new: String) -> Data {
      Data(String(decoding: data, as: UTF8.self).replacing(old, with: new).utf8)
    }
    #expect(await message() == "no error")
    #expect(try await replace("config.json") { _ in nil }.contains("config.json"))
    #expect(try await replace("preprocessor_config.json") { _ in nil }.contains("preprocessor_config.json"))
    #expect(try await replace("tokenizer.json") { _ in nil }.contains(copy.url.path))
    #expect(try await replace("model.safetensors") { _ in nil }.contains("model.safetensors"))
    #expect(try await replace("model.safetensors") { $0.prefix(20_000) }.contains("model.safetensors"))
    #expect(try await replace("config.json") { $0.prefix(100) }.contains("config.json"))
    let wider = try await replace("config.json") { text($0, "\"n_embd\": 12", "\"n_embd\": 24") }
    #expect(wider.contains("model.safetensors") && wider.contains("[96, 12]"), "\(wider)")
    let deeper = try await replace("config.json") { text($0, "\"n_layer\": 2", "\"n_layer\": 3") }
    #expect(deeper.contains("decoder.transformer.h.2.ln_1.weight"), "\(deeper)")
    let shallower = try await replace("config.json") { text($0, "\"n_layer\": 2", "\"n_layer\": 1") }
    #expect(shallower.contains("decoder.transformer.h.1."), "\(shallower)")
    let heads = try await replace("config.json") { text($0, "\"n_head\": 2", "\"n_head\": 5") }
    #expect(heads.contains("decoder.n_head") && heads.contains("12"), "\(heads)")
    let foreign = try await replace("config.json") {
      text($0, "\"model_type\": \"vit\"", "\"model_type\": \"resnet\"")
    }
    #expect(foreign.contains("encoder.model_type") && foreign.contains("resnet"), "\(foreign)")
    let huge = try await replace("config.json") {
      text($0, "\"n_embd\": 12", "\"n_embd\": 9223372036854775807")
    }
    #expect(huge.contains("decoder.n_embd"), "\(huge)")
  }
}

extension CaptionSequence {
  /// What became of each image, in order.
  func results() async throws -> [Result<[Caption], any Error>] {
    try await reduce(into: []) { results, next in
      #expect(next.index == results.count)
      results.append(next.result)
    }
  }
}
