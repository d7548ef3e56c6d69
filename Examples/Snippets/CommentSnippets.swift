import Foundation
import Vignette
import VignetteTensors
import VignetteTraining

func commentsOfVignette(folder: URL, photo: URL) async throws {
  try await aModelOfTheCache(photo)
  let captioner = try await Captioner(modelAt: folder)
  print(try await captioner.caption(photo))

  let options = GenerationOptions(numBeams: 4, numReturnSequences: 3)
  for caption in try await captioner.captions(of: photo, generation: options) {
    print(caption.score ?? 0, caption.text)
  }

  let looking = GenerationOptions(outputAttentions: true)
  if let attention = try await captioner.caption(photo, generation: looking).attention {
    for word in attention.words { print(word.text, attention.weights(of: word)) }
  }
}

private func aModelOfTheCache(_ photo: URL) async throws {
  let captioner = try await Captioner(model: "nlpconnect/vit-gpt2-image-captioning")
  print(try await captioner.caption(photo))
}

func commentsOfVignetteTraining(start: URL, data: URL) async throws {
  let training = try CaptionDataset(DatasetOptions(kind: .coco, folder: data, split: .train))
  let validation = try CaptionDataset(DatasetOptions(kind: .coco, folder: data, split: .validation))
  try await evaluation(start, validation)
  try captionScores()
  try await trainingRun(start, training, validation, URL(filePath: "comments-run"))
  try await finetuning(start, pairs: training, URL(filePath: "comments-finetuned"))
  tape(Parameter(name: "weight", part: .text, value: Tensor([1, 2, 3, 4], shape: [2, 2])))
}

private func evaluation(_ folder: URL, _ validation: CaptionDataset) async throws {
  let evaluator = try await Evaluator(CaptionerParts(at: folder), validation)
  let result = try await evaluator.run()
  print(result.loss, result.metrics.map { "\($0.key) \($0.value)" })
}

private func captionScores() throws {
  var scorer = CaptionScorer()
  try scorer.add(prediction: "a cat on a rock", references: ["a cat sits on a rock"])
  try scorer.add(prediction: "a dog runs", references: ["a dog is running", "a running dog"])
  for score in try scorer.scores() { print(score.name, score.value) }
}

func imageTextScores(clip: URL, photo: URL) async throws {
  let scorer = try await ImageTextScorer(at: clip)
  let scores = try await scorer.scores(of: [ImageText(photo, caption: "two dogs on a beach")])
  for score in scores { print(score.name, score.value) }
}

private func trainingRun(
  _ start: URL, _ training: CaptionDataset, _ validation: CaptionDataset, _ output: URL
) async throws {
  var arguments = manyEpochs()
  arguments.saveSteps = 500
  arguments.warmupSteps = 0.1
  arguments.maxSteps = 1
  let trainer = try await Trainer(
    modelAt: start, training: training, evaluation: validation, output: output, arguments: arguments,
    callbacks: [ProgressCallback(arguments)])
  try await trainer.run(resumingFrom: trainer.latestCheckpoint)
  try await trainer.saveModel(to: output)
}

private func finetuning(_ start: URL, pairs: CaptionDataset, _ output: URL) async throws {
  @ComputeThread func finetune(_ arguments: TrainingArguments) async throws -> Captioner {
    let trainer = try Trainer(
      modelAt: start, training: pairs, evaluation: nil, output: output, arguments: arguments)
    try await trainer.run()
    return trainer.captioner()
  }
  var arguments = TrainingArguments()
  arguments.maxSteps = 1
  arguments.evalStrategy = .no
  print(try await finetune(arguments).dtype)
}

private func manyEpochs() -> TrainingArguments {
  var arguments = TrainingArguments()
  arguments.learningRate = 1e-4
  arguments.numTrainEpochs = 5
  return arguments
}

/// A model of one matrix.
private func tape(_ weight: Parameter) {
  weight.setTrainable(true)
  let (pixelValues, labels) = (Tensor([1, 0], shape: [1, 2]), [Int32(1)])
  func model(_ pixelValues: Tensor) -> Tensor { linear(pixelValues, weight) }
  let tape = Tape()
  let loss = crossEntropy(model(tape.watch(pixelValues)), labels: labels)
  tape.backward(from: loss)  // model.parameters now have gradients
  print(loss.floats, weight.gradient != nil)
}
