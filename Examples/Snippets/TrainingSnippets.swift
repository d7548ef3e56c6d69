import Foundation
import VignetteTraining

func trainingACaptioner() async throws {
  let data = URL(filePath: "shapes")
  let training = try CaptionDataset(DatasetOptions(kind: .coco, folder: data, split: .train))
  let validation = try CaptionDataset(DatasetOptions(kind: .coco, folder: data, split: .validation))
  print(training.captionCount, training.issues, training.skipped.count)
  print(captionsInMemory().captionCount)

  let start = try ModelInitializer(
    encoder: .new(.vitMicro),
    decoder: .new(.gpt2Micro, captions: training.rows.compactMap(\.caption), vocabularySize: 500),
    seed: 42)

  var arguments = TrainingArguments()
  arguments.learningRate = 1e-3
  arguments.numTrainEpochs = 1
  arguments.perDeviceTrainBatchSize = 20
  arguments.warmupSteps = 0.1  // a share of all steps
  arguments.generationMaxLength = 16
  arguments.loadBestModelAtEnd = true

  let output = URL(filePath: "trained")
  let trainer = try await Trainer(
    start.parts, training: training, evaluation: validation, output: output, arguments: arguments,
    callbacks: [ProgressCallback(arguments), BestCaption()])
  try await trainer.run(resumingFrom: trainer.latestCheckpoint)
  try await trainer.saveModel(to: output)

  let captioner = await trainer.captioner()
  print(try await captioner.caption(URL(filePath: validation.images[0].path)).text)
}

private func captionsInMemory() -> CaptionDataset {
  let photo = CaptionedImage(
    id: 1, fileName: "photo.jpg", path: "photo.jpg",
    captions: [ReferenceCaption(id: 1, text: "a cat on a rock")])
  let mine = CaptionDataset(images: [photo])
  return mine
}

/// Prints the caption of the first validation image after each evaluation.
final class BestCaption: TrainerCallback {
  func evaluated(_ record: EvaluationRecord, samples: [EvaluatedCaption]) {
    if let sample = samples.first { print(record.epoch, sample.caption) }
  }
}
