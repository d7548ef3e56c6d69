import Foundation
import Testing
import Vignette
import VignetteTestSupport

/// What a program writes that imports `Vignette` and nothing else of the package: its names and their members are
/// visible, those of the rooms below are not.
@Suite struct ClientTests {
  @Test func captioningTakesOneImport() async throws {
    let folder = Fixture.url("models/vit-gpt2")
    let photo = folder.appendingPathComponent("scene.png")
    var options = CaptionerOptions()
    options.dtype = .bfloat16
    options.batchSize = 4
    let captioner = try await Captioner(model: folder.path, cache: HubCache(at: folder), options: options)
    #expect([.float32, .bfloat16].contains(captioner.dtype))

    var generation = GenerationOptions(maxLength: 6, numBeams: 2, earlyStopping: .always)
    generation.noRepeatNgramSize = 2
    let caption = try await captioner.caption(.file(photo), generation: generation)
    #expect(caption.text == "\(caption)" && caption.score != nil)
    #expect(try await captioner.resolved(generation).maxLength == 6)

    let image = RGBImage(width: 2, height: 1, pixels: [0, 0, 0, 255, 255, 255])
    let raw = try ImageSource.rgb(width: 2, height: 1, bytes: image.pixels)
    for try await result in captioner.captions(of: [.image(image), raw], generation: generation) {
      #expect(try result.caption.tokenIDs.count <= 6)
    }
    for try await case .token(let token) in captioner.tokens(of: .data(try Data(contentsOf: photo))) {
      #expect(token.tokenID >= 0)
    }
    #expect(captioner.tokenizer.decode([], skipSpecialTokens: true) == "")
    do {
      _ = try await captioner.caption(photo, generation: GenerationOptions(maxLength: -1))
    } catch let error as SettingError {
      #expect(error.setting.name == "max_length" && error.problem.contains("-1"))
    }
  }

  /// Words that a program may want for itself.
  func linear() {}
  func add() {}
  @Test func namesOfTheRoomsBelowAreFree() {
    linear()
    add()
  }
}
