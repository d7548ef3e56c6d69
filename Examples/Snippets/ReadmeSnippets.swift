import Foundation
import Vignette

func readme() async throws {
  // Or Captioner(model: "OWNER/NAME"), a model in the Hugging Face cache.
  let captioner = try await Captioner(modelAt: URL(filePath: "run"))
  let caption = try await captioner.caption(URL(filePath: "photo.jpg"))
  print(caption.text, caption.tokenLogProbabilities)

  // Many images, four beams, captions as they come. One that can't be read doesn't stop the others.
  let photos = ["a.jpg", "b.png"].map { URL(filePath: $0) }
  for try await result in captioner.captions(of: photos, generation: GenerationOptions(numBeams: 4)) {
    do {
      print(photos[result.index].path, try result.caption)
    } catch {
      print("no caption: \(error)")
    }
  }

  // Token by token.
  for try await case .token(let token) in captioner.tokens(of: URL(filePath: "photo.jpg")) {
    print(token.text, terminator: "")
  }
}

/// What a model card shows.
func modelCard() async throws -> Caption {
  let captioner = try await Captioner(modelAt: URL(filePath: "path/to/this/folder"))
  let caption = try await captioner.caption(URL(filePath: "photo.jpg"))
  return caption
}
