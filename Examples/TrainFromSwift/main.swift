import Foundation
import VignetteTraining

// A data set in COCO's layout, as `vignette dataset demo` draws one, and where the results go.
let data = URL(filePath: CommandLine.arguments[1])
let output = URL(filePath: CommandLine.arguments[2])
let training = try CaptionDataset(DatasetOptions(kind: .coco, folder: data, split: .train))
let validation = try CaptionDataset(DatasetOptions(kind: .coco, folder: data, split: .validation))

// A small model of random weights; either half could be .pretrained(folder).
let start = try ModelInitializer(
  encoder: .new(.vitMicro),
  decoder: .new(.gpt2Micro, captions: training.rows.compactMap(\.caption), vocabularySize: 500), seed: 42)

var arguments = TrainingArguments()
arguments.learningRate = 1e-3
arguments.perDeviceTrainBatchSize = 50
arguments.generationMaxLength = 24
let shapes = ModelCard.Dataset(name: "Shapes", identifier: "shapes", split: "validation")
let trainer = try await Trainer(
  start.parts, training: training, evaluation: validation, output: output, arguments: arguments,
  callbacks: [
    ProgressCallback(arguments), ReportCallback(folder: output, dataset: shapes, arguments: arguments),
  ])
try await trainer.run(resumingFrom: trainer.latestCheckpoint)
try await trainer.saveModel(to: output)
try await trainer.saveMetrics(to: output)

let captioner = try await Captioner(modelAt: output)
print(try await captioner.caption(URL(filePath: validation.images[0].path)).text)
