import Foundation
import Testing
import Vignette
import VignetteDatasets
import VignetteEvaluation
import VignetteModels
import VignetteTestSupport

/// A captioner measured on a data set, without training.
@ComputeThread @Suite struct EvaluatorTests {
  nonisolated static let model = Fixture.url("models/vit-gpt2")

  /// The model's own test image, as often as asked, with a caption each.
  nonisolated static func dataset(_ folder: TemporaryFolder, images count: Int) throws -> CaptionDataset {
    let scene = try Data(contentsOf: model.appendingPathComponent("scene.png"))
    return CaptionDataset(
      images: try (0..<count).map { number in
        let file = try folder.write(scene, to: "images/\(number).png")
        return CaptionedImage(
          id: ImageID(number), fileName: file.lastPathComponent, path: file.path,
          captions: [ReferenceCaption(id: number, text: "the ir \(number)")])
      }, split: .validation)
  }

  @Test func measuresWithoutATrainer() async throws {
    let folder = try TemporaryFolder()
    let data = try Self.dataset(folder, images: 3)
    try folder.write(Data("broken".utf8), to: "images/1.png")
    var options = EvaluationOptions()
    options.batchSize = 2
    options.generation = GenerationOptions(maxLength: 12, numBeams: 4)
    var calls: [Int] = []
    let result = try await Evaluator(CaptionerParts(at: Self.model), data, options: options).run {
      done, total in
      calls.append(done)
      #expect(total == 2)
    }
    #expect(calls == [0, 1, 2])
    // What a captioner says of the same image.
    #expect(result.captions.map(\.caption) == ["iririririririririrTheThe", "iririririririririrTheThe"])
    #expect(result.captions.map(\.references) == [["the ir 0"], ["the ir 2"]])
    #expect(result.loss.isFinite && result.loss > 0)
    #expect(result.metrics.contains { $0.key == "CIDEr" } && result.metrics.contains { $0.key == "rougeL" })
    #expect(result.skipped.map(\.file) == [data.images[1].path])
    #expect(result.data.references == [1, 1] && result.generation?.numBeams == 4)

    let file = folder.url.appendingPathComponent(MetricsFile.fileName)
    try result.metricsFile(sources: [Self.model.appendingPathComponent("model.safetensors")]).write(to: file)
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
    #expect((object?["metrics"] as? [String: Double])?["loss"] == result.loss)
    #expect((object?["sha256"] as? [String: String])?.keys.first == "model.safetensors")
  }

  /// The loss doesn't depend on how captions are batched, and needs no captions of the model's own.
  @Test func theLossIsTheMeanOverLabels() async throws {
    let folder = try TemporaryFolder()
    let data = try Self.dataset(folder, images: 5)
    var losses: [Double] = []
    for size in [1, 2, 5] {
      var options = EvaluationOptions()
      options.batchSize = size
      options.generation = nil
      let result = try await Evaluator(CaptionerParts(at: Self.model), data, options: options).run()
      #expect(result.captions.isEmpty && result.metrics.isEmpty)
      losses.append(result.loss)
    }
    for loss in losses { #expect(abs(loss - losses[0]) < 1e-5 * losses[0]) }
  }

  @Test func nothingToMeasureIsAnError() async throws {
    let folder = try TemporaryFolder()
    let parts = try CaptionerParts(at: Self.model)
    #expect(throws: EvaluationError.self) { try Evaluator(parts, CaptionDataset(images: [])) }
    let data = try Self.dataset(folder, images: 2)
    for image in data.images { try Data("broken".utf8).write(to: URL(fileURLWithPath: image.path)) }
    await #expect { try await Evaluator(parts, data).run() } throws: {
      "\($0)".contains("none of the 2 images")
    }
  }

  /// Images that can't be opened any more, once others could, aren't left out like bad ones.
  @Test func aShareThatIsUnmountedEndsIt() async throws {
    let folder = try TemporaryFolder()
    let data = try Self.dataset(folder, images: 4)
    var options = EvaluationOptions()
    options.batchSize = 1
    options.dataloaderNumWorkers = 0
    options.generation = nil
    let evaluator = try Evaluator(CaptionerParts(at: Self.model), data, options: options)
    let images = folder.url.appendingPathComponent("images")
    await #expect {
      try await evaluator.run { done, _ in
        if done == 2 { try? FileManager.default.removeItem(at: images) }
      }
    } throws: { error in
      guard case EvaluationError.imagesGone(let folder, _) = error else { return false }
      return folder == images.path
    }
    // A single file that is gone is left out.
    let again = try Self.dataset(folder, images: 4)
    try FileManager.default.removeItem(atPath: again.images[2].path)
    let result = try await Evaluator(CaptionerParts(at: Self.model), again, options: options).run()
    #expect(result.skipped.map(\.file) == [again.images[2].path])
  }
}
