import Foundation
import Vignette
import VignetteCheckpoints
import VignetteDatasets
import VignetteEvaluation
import VignetteFiles
import VignetteImages
import VignetteModels
import VignetteTensors
import VignetteTrainer

extension Target {
  static let modelTargets: [Target] = [
    Target(name: "checkpoint", seeds: { try checkpoints($0) }) { folder, _ in
      let captioner = Captioner(parts: try CaptionerParts(at: folder))
      var options = GenerationOptions()
      options.maxNewTokens = 3
      _ = try await captioner.captions(of: image, generation: options)
    },
    Target(
      name: "image-text",
      seeds: { _ in
        try ["image_text/clip", "image_text/blip-itm", "image_text/siglip"].map { try sample($0) }
      }
    ) { folder, _ in
      let scorer = try await ImageTextScorer(at: folder)
      _ = try await scorer.scores(of: [ImageText(image, caption: "the iris", references: ["a the"])])
    },
    Target(name: "features", seeds: { try features($0) }) { folder, _ in
      let cache = try featureCache(folder)
      for _ in 0..<2 { _ = try cache.encode(batch(cache), on: nil) }
    },
    Target(name: "resume", seeds: { try await runs($0) }) { folder, _ in
      try await resume(folder)
    },
  ]

  private static let image = RGBImage(width: 4, height: 3, pixels: (0..<36).map { UInt8($0 * 7) })
  private static let model = Seeds.url("models/vit-gpt2")

  // MARK: Checkpoints of all architectures

  private static let encoders = [
    "vit", "deit", "vit-msn", "beit", "data2vec-vision", "vit-mae", "swin", "swinv2", "clip-vision", "siglip",
    "dinov2", "dinov2-swiglu", "dinov2-with-registers", "dinov3",
  ]
  private static let decoders = [
    "gpt2-language", "bert-masked", "roberta-masked", "distilbert-masked", "xlm-roberta-masked",
    "camembert-masked",
    "electra-generator", "bert-generation", "bart-conditional", "mbart-conditional", "trocr",
  ]

  /// Each encoder with each decoder, both kinds of weight files, and the other families.
  private static func checkpoints(_ scratch: URL) throws -> [Sample] {
    var samples = try [
      "models/vit-gpt2", "models/vit-gpt2-unscaled", "blip/blip", "blip/original", "git/git",
    ].map(
      sample)
    for encoder in encoders {
      for (number, decoder) in decoders.enumerated() {
        let folder = scratch.appendingPathComponent("\(encoder)-\(decoder)")
        let parts = try ModelInitializer(
          encoder: .pretrained(Seeds.url("pretrained/\(encoder)")),
          decoder: .pretrained(Seeds.url("pretrained/\(decoder)")), seed: 1
        ).parts
        try FolderMaker.make(folder)
        try parts.save(to: folder, format: number % 2 == 0 ? .safetensors : .pytorch)
        samples.append(try Sample(contentsOf: folder))
      }
    }
    return samples
  }

  /// A fixture's folder, without what it says of the right results.
  private static func sample(_ name: String) throws -> Sample {
    var sample = try Sample(contentsOf: Seeds.url(name))
    sample.files.removeAll {
      $0.name.hasSuffix(".png")
        || ["caption.json", "expected.safetensors", "generation.json", "scores.json"].contains($0.name)
    }
    return sample
  }

  // MARK: Feature caches

  private static func featureCache(_ folder: URL) throws -> FeatureCache {
    let parts = try CaptionerParts(at: model)
    return try FeatureCache(at: folder, model: parts.model, processor: parts.imageProcessor, dtype: .float32)
  }

  private static func batch(_ cache: FeatureCache) -> BatchImages {
    let path = model.appendingPathComponent("scene.png").path
    return BatchImages(paths: [path]) { rows in Tensor(zeros: [rows.count, 3, 18, 18]) }
  }

  private static func features(_ scratch: URL) throws -> [Sample] {
    let cache = try featureCache(scratch)
    _ = try cache.encode(batch(cache), on: nil)
    return [try Sample(contentsOf: scratch)]
  }

  // MARK: Checkpoints of runs

  @ComputeThread
  private static func resume(_ folder: URL) async throws {
    let trainer = try trainer(folder, steps: 3)
    try await trainer.run(resumingFrom: trainer.latestCheckpoint)
  }

  @ComputeThread
  private static func trainer(_ output: URL, steps: Int) throws -> Trainer {
    let path = model.appendingPathComponent("scene.png").path
    let data = CaptionDataset(
      images: (0..<4).map { number in
        CaptionedImage(
          id: ImageID(number), fileName: "scene.png", path: path,
          captions: [ReferenceCaption(id: number, text: "the ir \(number)")])
      })
    var arguments = TrainingArguments()
    arguments.maxSteps = steps
    arguments.perDeviceTrainBatchSize = 2
    arguments.evalStrategy = .no
    arguments.saveStrategy = steps == 2 ? .steps : .no
    arguments.saveSteps = 1
    arguments.dataloaderNumWorkers = 0
    return try Trainer(modelAt: model, training: data, evaluation: nil, output: output, arguments: arguments)
  }

  @ComputeThread
  private static func runs(_ scratch: URL) async throws -> [Sample] {
    try await trainer(scratch, steps: 2).run()
    var sample = try Sample(contentsOf: scratch)
    sample.files.removeAll { $0.name.hasSuffix(".lock") || $0.name.hasPrefix(".") }
    return [sample]
  }
}
