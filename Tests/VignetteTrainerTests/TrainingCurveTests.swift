import VignetteCheckpoints
import Foundation
import VignetteFiles
import VignetteModels
import VignetteTensors
import VignetteTestSupport
import Testing
import VignetteEvaluation
import VignetteTrainer

/// Whole runs against Transformers' Seq2SeqTrainer: the loss of every step, and the weights at the end.
@Suite struct TrainingCurveTests {
  struct Run: Decodable {
    struct Arguments: Decodable {
      let perDeviceTrainBatchSize: Int
      let learningRate: Double
      let lrSchedulerType: SchedulerType
      let weightDecay: Float?
      let warmupSteps: Int?
      let labelSmoothingFactor: Float?
      let maxGradNorm: Float?
    }
    let labels: String
    let width: Int?
    let examples: Int
    let arguments: Arguments
    let loss: [Float]
    let gradNorm: [Float]
    let learningRate: [Double]
    let evalLoss: Float
  }

  struct Examples: Decodable {
    let captions: [[Int]]
    let noWeightDecay: [String]
  }

  static func loadModel() throws -> any CaptionModel {
    let folder = Fixture.url("training/initial")
    let model = try CaptionFamily.loadModel(at: folder)
    for parameter in model.parameters { parameter.setTrainable(true) }
    return model
  }

  static func pixelValues(_ number: Int) -> [Float] {
    ReferenceImage.planes(number).map { (Float($0) / 255 - 0.5) / 0.5 }
  }

  static func batches(_ run: Run, _ captions: [[Int]], size: Int) -> [CaptionBatch] {
    var options = LabelOptions()
    options.maxTargetLength = run.width ?? 128
    options.padsToMaxLength = run.labels == "pad"
    options.countsPadding = run.labels == "pad"
    return stride(from: 0, to: run.examples, by: size).map { start in
      let rows = start..<min(start + size, run.examples)
      let pixels = Tensor(rows.flatMap { pixelValues($0) }, shape: [rows.count, 3, 12, 12])
      return CaptionBatch(
        images: BatchImages(pixelValues: pixels),
        labels: CaptionLabels(rows.map { captions[$0] }, endTokenID: 0, padTokenID: 0, options: options))
    }
  }

  /// A run's losses and final weights. Windows of `accumulation` batches are cut anew in each epoch.
  static func train(_ run: Run, accumulation: Int = 1) throws -> (
    steps: [StepResult], model: any CaptionModel
  ) {
    let model = try loadModel()
    let arguments = run.arguments
    let captions = try Fixture.json(Examples.self, "training/data.json", fromSnakeCase: true).captions
    let batches = batches(run, captions, size: arguments.perDeviceTrainBatchSize / accumulation)
    var options = AdamWOptions()
    options.weightDecay = arguments.weightDecay ?? 0
    let step = TrainingStep(
      model: model, optimizer: AdamW(model.parameters, options: options, decays: WeightDecay.applies),
      startTokenID: 0, padTokenID: 0, labelSmoothing: arguments.labelSmoothingFactor ?? 0,
      maxGradNorm: arguments.maxGradNorm ?? 1)
    var results: [StepResult] = []
    for number in 0..<run.loss.count {
      let perEpoch = (batches.count + accumulation - 1) / accumulation
      let first = number % perEpoch * accumulation
      let factor = arguments.lrSchedulerType.factor(
        step: number, warmupSteps: arguments.warmupSteps ?? 0, totalSteps: run.loss.count)
      expectClose([Float(arguments.learningRate * factor)], [Float(run.learningRate[number])], 1e-6)
      results.append(
        try step.run(
          Array(batches[first..<min(first + accumulation, batches.count)]),
          learningRate: arguments.learningRate * factor, seed: nil))
    }
    return (results, model)
  }

  static func compare(_ name: String, accumulation: Int = 1) throws {
    let run = try Fixture.json(Run.self, "training/\(name).json", fromSnakeCase: true)
    let (steps, model) = try train(run, accumulation: accumulation)
    for (step, result) in steps.enumerated() {
      #expect(
        abs(result.loss - run.loss[step]) <= 1e-5 * run.loss[step],
        "step \(step): \(result.loss), \(run.loss[step])")
      #expect(abs(result.gradientNorm - run.gradNorm[step]) <= 1e-3 * run.gradNorm[step], "step \(step)")
    }
    let final = try SafetensorsFile(at: Fixture.url("training/\(name).safetensors")).tensors
    for stored in final where !stored.name.contains("pooler") {
      let parameter = try #require(model.parameters.first { $0.name == stored.name })
      let (found, expected) = (parameter.value.floats, stored.floats())
      let scale = expected.map(abs).max() ?? 0
      for i in expected.indices where !isKeyBias(stored.name, i, expected.count) {
        #expect(
          abs(found[i] - expected[i]) <= 1e-3 * scale, "\(stored.name)[\(i)]: \(found[i]), \(expected[i])")
      }
    }
  }

  /// Whether this is a bias of an attention's key, whose gradient is zero but for rounding, which Adam magnifies.
  static func isKeyBias(_ name: String, _ i: Int, _ count: Int) -> Bool {
    if name.hasSuffix("key.bias") { return true }
    if name.hasSuffix("crossattention.c_attn.bias") { return i < count / 2 }
    return name.hasSuffix("attn.c_attn.bias") && (count / 3..<2 * count / 3).contains(i)
  }

  @Test(arguments: ["tutorial", "decayed", "smoothed", "large-batch"])
  func equalsTransformers(name: String) throws { try Self.compare(name) }

  /// Two accumulated batches of four equal one of eight, the short window at an epoch's end included.
  @Test func accumulationEqualsALargeBatch() throws { try Self.compare("large-batch", accumulation: 2) }

  @Test func weightDecaySparesWhatTheTrainerSpares() throws {
    let spared = try Fixture.json(Examples.self, "training/data.json", fromSnakeCase: true).noWeightDecay
    let own = try Self.loadModel().parameters.filter { !WeightDecay.applies(to: $0) }.map(\.name)
    #expect(Set(own) == Set(spared.filter { !$0.contains("pooler") }))
  }

  @Test func evaluationLossIsTheMeanOverLabels() throws {
    let run = try Fixture.json(Run.self, "training/decayed.json", fromSnakeCase: true)
    let (_, model) = try Self.train(run)
    let captions = try Fixture.json(Examples.self, "training/data.json", fromSnakeCase: true).captions
    let (encoder, forcing) = (ModelEncoder(model), TeacherForcing(model, startTokenID: 0, padTokenID: 0))
    let sums = try Self.batches(run, captions, size: 3).map { batch in
      try forcing.sums(of: batch, features: encoder.encode(batch.images, on: nil))
    }
    let mean = sums.reduce(0) { $0 + $1.loss } / Double(sums.reduce(0) { $0 + $1.labels })
    expectClose([Float(mean)], [run.evalLoss], 1e-3)
  }
}

func expectClose(
  _ a: [Float], _ b: [Float], _ tolerance: Float, sourceLocation: SourceLocation = #_sourceLocation
) {
  let largest = max(1e-12, b.map(abs).max() ?? 0)
  let difference = zip(a, b).map { abs($0 - $1) }.max() ?? 0
  #expect(
    a.count == b.count && difference <= tolerance * largest, "differs by \(difference) of \(largest)",
    sourceLocation: sourceLocation)
}
