import Foundation
import Testing
import Vignette
import VignetteCheckpoints
import VignetteFiles
import VignetteImages
import VignetteModels
import VignetteTestSupport
import VignetteTokenizers

/// Where captions looked, as a program and a user of the command get to know it.
@Suite struct CaptionAttentionTests {
  static let folder = CaptionerTests.folder
  static let scene = CaptionerTests.scene

  @Test func captionsSayWhereTheyLooked() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let options = GenerationOptions(maxLength: 12, numBeams: 4, numReturnSequences: 2, outputAttentions: true)
    let captions = try await captioner.captions(of: Self.scene, generation: options)
    var plain = options
    plain.outputAttentions = nil
    let without = try await captioner.captions(of: Self.scene, generation: plain)
    #expect(captions.map(\.text) == without.map(\.text) && captions.map(\.score) == without.map(\.score))
    #expect(without.allSatisfy { $0.attention == nil })
    for caption in captions {
      let attention = try #require(caption.attention)
      #expect(attention.area == .whole)
      #expect(attention.tokens.map(\.tokenID) == caption.tokenIDs.suffix(attention.tokens.count))
      #expect(attention.tokens.count == caption.tokenLogProbabilities.count)
      Self.check(attention, of: caption.text)
      let decoded = try JSONDecoder().decode(Caption.self, from: JSONEncoder().encode(caption))
      #expect(decoded == caption)
    }
    // What is written without it is what was always written.
    let text = String(decoding: try JSONEncoder().encode(without[0]), as: UTF8.self)
    #expect(!text.contains("attention"))
  }

  /// One image, many, and a stream give the same.
  @Test func everyWayGivesTheSame() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let options = GenerationOptions(maxLength: 8, outputAttentions: true)
    let one = try await captioner.caption(Self.scene, generation: options)
    #expect(one.attention != nil)
    for try await result in captioner.captions(of: [Self.scene, Self.scene], generation: options) {
      let attention = try #require(try result.caption.attention)
      let expected = try #require(one.attention)
      #expect(attention.words == expected.words && attention.area == expected.area)
      for (token, other) in zip(attention.tokens, expected.tokens) {
        for (map, same) in zip(token.layers, other.layers) {
          #expect(zip(map, same).allSatisfy { abs($0 - $1) < 1e-5 })
        }
      }
    }
    var last: Caption?
    for try await update in captioner.tokens(of: Self.scene, generation: options) {
      if case .caption(let caption) = update { last = caption }
    }
    #expect(last == one)
  }

  /// Every encoder with every decoder has a map, as large as the encoder's grid.
  @Test(arguments: PretrainedEncoder.each, PretrainedDecoder.withHead)
  func everyPairHasMaps(encoder: PretrainedEncoder, decoder: PretrainedDecoder) async throws {
    let parts = try ModelInitializer(
      encoder: .pretrained(Fixture.url("pretrained/\(encoder.folder)")),
      decoder: .pretrained(Fixture.url("pretrained/\(decoder.folder)")), seed: 3
    ).parts
    let size = parts.model.imageSize
    let layout = try #require(parts.model.patchLayout(height: size.height, width: size.width))
    let captioner = Captioner(parts: parts)
    let options = GenerationOptions(maxNewTokens: 6, minNewTokens: 5, numBeams: 2, outputAttentions: true)
    let caption = try await captioner.caption(Self.scene, generation: options)
    let attention = try #require(caption.attention)
    #expect(attention.rows == layout.rows && attention.columns == layout.columns)
    #expect(attention.layerCount == 1 && attention.tokens.count == caption.tokenLogProbabilities.count)
    Self.check(attention, of: caption.text)
    // Nothing is left out where nothing stands before the patches.
    for token in attention.tokens {
      let sum = token.layers[0].reduce(0, +)
      #expect(layout.tokensBefore == 0 ? abs(sum - 1) < 1e-4 : sum > 0 && sum < 1)
    }
  }

  /// What holds for every caption's.
  private static func check(_ attention: CaptionAttention, of text: String) {
    let size = attention.rows * attention.columns
    for token in attention.tokens {
      #expect(token.layers.count == attention.layerCount)
      for map in token.layers {
        #expect(map.count == size && map.allSatisfy { (0...1).contains($0) } && map.reduce(0, +) < 1.0001)
      }
    }
    for word in attention.words {
      let mean = attention.weights(of: word)
      #expect(mean.count == size && mean.allSatisfy { (0...1).contains($0) })
      let layers = (0..<attention.layerCount).map { attention.weights(of: word, layer: $0) }
      for cell in 0..<size {
        let sum = layers.reduce(Float(0)) { $0 + $1[cell] }
        #expect(abs(sum / Float(attention.layerCount) - mean[cell]) < 1e-5)
      }
    }
    #expect(attention.words.map(\.text).joined() == String(text.filter { !$0.isWhitespace }))
  }

  /// A crop's map covers the crop alone.
  @Test func cropsAreTold() async throws {
    let captioner = try await Captioner(modelAt: Fixture.url("git/git"))
    let image = RGBImage(width: 64, height: 32, pixels: [UInt8](repeating: 90, count: 3 * 64 * 32))
    let caption = try await captioner.caption(
      image, generation: GenerationOptions(maxNewTokens: 3, outputAttentions: true))
    let attention = try #require(caption.attention)
    #expect(attention.rows == 2 && attention.columns == 2)
    #expect(attention.area == ImageArea(x: 0.25, y: 0, width: 0.5, height: 1))
  }

  @Test func jsonHasWhatAServerTells() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let caption = try await captioner.caption(
      Self.scene, generation: GenerationOptions(maxLength: 6, outputAttentions: true))
    let attention = try #require(caption.attention)
    for hasLayers in [false, true] {
      let json = attention.json(layers: hasLayers)
      #expect(json["rows"]?.asInt == attention.rows && json["crop"]?["width"]?.asNumber == 1)
      let words = try #require(json["words"]?.asArray)
      #expect(words.compactMap { $0["text"]?.asString } == attention.words.map(\.text))
      for (word, object) in zip(attention.words, words) {
        #expect(object["first_token"]?.asInt == word.tokens.lowerBound)
        let weights = try #require(object["weights"]?.asArray).compactMap(\.asNumber)
        #expect(zip(weights, attention.weights(of: word)).allSatisfy { abs($0 - Double($1)) < 1e-5 })
        #expect((object["layers"]?.asArray?.count ?? 0) == (hasLayers ? attention.layerCount : 0))
      }
    }
  }

  // MARK: Words

  /// Token by token what words they make, `|` between tokens.
  @Test(arguments: [
    ("models/vit-gpt2", "A red tent stands.", nil as String?), ("git/git", "a small dog sleeps.", nil),
    ("blip/blip", "a red tent", "a red"),
  ])
  func wordsAreWhatStandsBetweenSpaces(model: String, text: String, prompt: String?) throws {
    let tokenizer = try AutoTokenizer.load(from: Fixture.url(model), modelType: nil)
    let tokenIDs = tokenizer.encode(text, addSpecialTokens: false)
    let given = prompt.map { tokenizer.encode($0, addSpecialTokens: false).count } ?? 0
    let words = CaptionWords(
      text, prompt: Array(tokenIDs[..<given]), generated: Array(tokenIDs[given...]), tokenizer
    ).words
    let expected = text.split(separator: " ").dropFirst(prompt?.split(separator: " ").count ?? 0)
    #expect(words.map(\.text) == expected.map(String.init))
    // Each word's tokens follow those of the one before.
    #expect(zip(words, words.dropFirst()).allSatisfy { $0.tokens.upperBound <= $1.tokens.lowerBound + 1 })
    #expect(words.first?.tokens.lowerBound == 0 && words.last?.tokens.upperBound == tokenIDs.count - given)
  }

  // MARK: The command

  @Test func commandDrawsAFigure() throws {
    let output = try TemporaryFolder()
    let file = output.url.appendingPathComponent("looked.png")
    let run = try Command.run([
      "caption", "--model", Self.folder.path, "--max-length", "8", "--attention", file.path, Self.scene.path,
    ])
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    let figure = try ImageDecoder.decode(contentsOf: file)
    #expect(figure.width > 200 && figure.height > 200)
    // Heat is red or yellow, text is dark.
    let pixels = stride(from: 0, to: figure.pixels.count, by: 3).map { Array(figure.pixels[$0..<$0 + 3]) }
    #expect(pixels.contains { $0[0] > 200 && $0[2] < 180 && $0[1] < 250 })
    #expect(pixels.contains { $0 == [28, 28, 34] })
  }

  /// A caption without spaces stays on the figure.
  @Test func longWordsAreCut() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let generation = GenerationOptions(maxLength: 6, outputAttentions: true)
    let attention = try #require(try await captioner.caption(Self.scene, generation: generation).attention)
    let image = RGBImage(width: 8, height: 8, pixels: [UInt8](repeating: 60, count: 3 * 64))
    let short = try AttentionFigure.draw(image, caption: "a tent", attention)
    let long = try AttentionFigure.draw(image, caption: String(repeating: "m", count: 300), attention)
    #expect(long.width == short.width && long.height > short.height + 100)
  }

  @Test func commandDrawsManyIntoAFolder() throws {
    let output = try TemporaryFolder()
    let second = try output.write(Data(contentsOf: Self.scene), to: "other/scene.png")
    let arguments = [
      "caption", "--model", Self.folder.path, "--max-length", "5", Self.scene.path, second.path,
    ]
    let folder = output.url.appendingPathComponent("figures")
    let run = try Command.run(arguments + ["--attention", folder.path + "/"])
    #expect(run.status == 0, "\(run.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["scene-2.png", "scene.png"])
    let refused = try Command.run(
      arguments + ["--attention", output.url.appendingPathComponent("a.png").path])
    #expect(refused.status != 0 && refused.errors.contains("--attention needs a folder for 2 images"))
    #expect(refused.output.isEmpty)
  }

  /// A figure never takes an image's place, under whatever name.
  @Test func figuresLeaveImagesAlone() throws {
    let output = try TemporaryFolder()
    let image = try output.write(Data(contentsOf: Self.scene), to: "photos/scene.png")
    let before = try Data(contentsOf: image)
    let folder = image.deletingLastPathComponent().path
    for path in [image.path, "\(folder)/../photos/scene.png", "\(folder)/"] {
      let run = try Command.run(["caption", "--model", Self.folder.path, image.path, "--attention", path])
      #expect(
        run.status == 2 && run.errors.contains("--attention would write over the image"), "\(run.errors)")
    }
    #expect(try Data(contentsOf: image) == before)
  }
}
