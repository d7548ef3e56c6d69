import Foundation
import VignetteTestSupport
import Testing

/// A small data set and model, and runs of `vignette train` on them.
struct TrainRun {
  let folder: TemporaryFolder

  /// - Parameter dropout: that of the decoder, which small models are made without.
  init(scenes: Int = 40, dropout: Double? = nil) throws {
    folder = try TemporaryFolder()
    try Self.succeed([
      "dataset", "demo", "--output", url("scenes").path, "--train-scenes", "\(scenes)", "--validation-scenes",
      "6",
      "--colours", "2", "--shapes", "3",
    ])
    try Self.succeed([
      "init", "--encoder-preset", "vit-micro", "--decoder-preset", "gpt2-micro", "--tokenizer-from",
      url("scenes/annotations/captions_train2017.json").path, "--vocab-size", "300", "--output",
      url("model").path,
    ])
    if let dropout { try setDropout(dropout) }
  }

  private static func succeed(_ arguments: [String]) throws {
    let result = try Command.run(arguments)
    try #require(result.status == 0, "\(result.errors)")
  }

  private func setDropout(_ share: Double) throws {
    let file = url("model/config.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    let changed = text.replacing(/"(resid|embd|attn)_pdrop": 0.0/) { #""\#($0.output.1)_pdrop": \#(share)"# }
    try #require(changed != text)
    try Data(changed.utf8).write(to: file)
  }

  func url(_ path: String) -> URL { folder.url.appendingPathComponent(path) }

  /// Arguments of a run into the folder `output`: without evaluation or checkpoints, unless `more` says otherwise.
  func arguments(_ output: String = "run", _ more: [String]) -> [String] {
    [
      "train", "--model", url("model").path, "--dataset", "coco", "--data-dir", url("scenes").path,
      "--output",
      url(output).path, "--per-device-train-batch-size", "10", "--learning-rate", "1e-3", "--logging-steps",
      "1",
      "--report-to", "none", "--generation-max-length", "12", "--eval-strategy", "no", "--save-strategy",
      "no",
    ] + more
  }

  func train(_ output: String = "run", _ more: [String]) throws -> Command.Result {
    try Command.run(arguments(output, more))
  }

  /// The same, which must succeed; with images left out, the status is 3.
  func trained(_ output: String = "run", _ more: [String], status: Int32 = 0) throws {
    let result = try train(output, more)
    try #require(result.status == status, "\(result.errors)")
  }

  func checkpoints(_ output: String = "run") throws -> [Int] {
    try FileManager.default.contentsOfDirectory(atPath: url(output).path)
      .compactMap { $0.hasPrefix("checkpoint-") ? Int($0.dropFirst("checkpoint-".count)) : nil }.sorted()
  }

  func weights(_ path: String) throws -> Data { try Data(contentsOf: url("\(path)/model.safetensors")) }

  func state(_ path: String = "run") throws -> State {
    try State.decoder.decode(State.self, from: Data(contentsOf: url("\(path)/trainer_state.json")))
  }

  /// What the tests look at in a trainer_state.json.
  struct State: Decodable {
    struct Entry: Decodable {
      let loss: Double?
      let evalLoss: Double?
      let evalCer: Double?
      let epoch: Double
      let step: Int
    }
    let bestGlobalStep: Int?
    let globalStep: Int
    let maxSteps: Int
    let numTrainEpochs: Int
    let saveSteps: Int
    let logHistory: [Entry]

    var losses: [Double] { logHistory.compactMap(\.loss) }
    var evaluations: [Entry] { logHistory.filter { $0.evalLoss != nil } }

    static var decoder: JSONDecoder {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return decoder
    }
  }

  /// Spoils the first so many images; all of them if nil.
  func spoil(first count: Int? = nil, in folder: String = "train2017") throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: url("scenes/\(folder)").path).sorted()
    for name in names.prefix(count ?? names.count) {
      try Data("broken".utf8).write(to: url("scenes/\(folder)/\(name)"))
    }
  }

  /// Changes a file's text.
  func edit(_ path: String, _ change: (String) -> String) throws {
    let text = try String(contentsOf: url(path), encoding: .utf8)
    let changed = change(text)
    try #require(changed != text)
    try Data(changed.utf8).write(to: url(path))
  }
}
