import Foundation
import Vignette

func gettingStarted(_ photo: URL, upload: Data) async throws {
  try await aModelOfTheCache()
  let captioner = try await Captioner(modelAt: URL(filePath: "run"))
  let caption = try await captioner.caption(URL(filePath: "photo.jpg"))
  print(caption.text)

  let generation = GenerationOptions(maxNewTokens: 20, numBeams: 4, numReturnSequences: 2)
  for caption in try await captioner.captions(of: photo, generation: generation) {
    print(caption.score ?? 0, caption.text)
  }

  let ofUpload = try await captioner.caption(upload)
  let pixels: [UInt8] = [255, 0, 0, 0, 0, 255]  // red, blue
  let ofPixels = try await captioner.caption(.rgb(width: 2, height: 1, bytes: pixels))
  print(ofUpload, ofPixels)

  try await manyImages(captioner, upload)
  try await tokens(captioner, photo)
  try await errors(captioner, photo)
  try await cancellation(captioner, photo)
}

/// What the landing page shows.
private func aModelOfTheCache() async throws {
  let captioner = try await Captioner(model: "nlpconnect/vit-gpt2-image-captioning")
  let caption = try await captioner.caption(URL(filePath: "photo.jpg"))
  print(caption.text)
  _ = try await (optionsOfComputing(), optionsOfAServer())
}

private func optionsOfComputing() async throws -> Captioner {
  var options = CaptionerOptions()
  options.dtype = .bfloat16
  options.batchSize = 16
  let captioner = try await Captioner(model: "nlpconnect/vit-gpt2-image-captioning", options: options)
  return captioner
}

private func optionsOfAServer() -> CaptionerOptions {
  var options = CaptionerOptions()
  options.queueCapacity = 32
  options.refusesWhenFull = true
  return options
}

private func manyImages(_ captioner: Captioner, _ upload: Data) async throws {
  let photos = ["a.jpg", "b.png"].map { URL(filePath: $0) }
  for try await result in captioner.captions(of: photos) {
    do {
      print(photos[result.index].path, try result.caption)
    } catch {
      print("no caption: \(error)")
    }
  }

  let (uploads, arrivals) = AsyncStream.makeStream(of: Data.self)
  arrivals.yield(upload)
  arrivals.finish()
  for try await result in captioner.captions(of: uploads) {
    print(result.index, try result.caption)
  }
}

private func tokens(_ captioner: Captioner, _ photo: URL) async throws {
  for try await update in captioner.tokens(of: photo) {
    switch update {
    case .token(let token): print(token.text, terminator: "")
    case .caption(let caption): print(" (\(caption.tokenIDs.count) tokens)")
    }
  }
}

private func cancellation(_ captioner: Captioner, _ photo: URL) async throws {
  let task = Task { try await captioner.caption(photo) }
  task.cancel()
  _ = await task.result
}

private func errors(_ captioner: Captioner, _ photo: URL) async throws {
  do {
    print(try await captioner.caption(photo).text)
  } catch let error as ImageError {
    print("not an image that can be captioned: \(error)")
  } catch let error as SettingError {
    print("\(error.setting.name) \(error.problem)")
  } catch CaptionerError.busy {
    print("try again later")
  }
}
