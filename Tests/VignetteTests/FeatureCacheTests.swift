import Foundation
import VignetteTestSupport
import Testing

/// Training with a frozen encoder whose hidden states are kept, through the real command.
@Suite(.serialized) struct FeatureCacheTests {
  private static func train(
    _ folder: URL, output: String, cache: String? = "cache", _ options: [String] = []
  ) throws -> (losses: [Double], errors: String) {
    let run = try Command.run(
      [
        "train", "--model", folder.appendingPathComponent("model").path, "--dataset", "coco", "--data-dir",
        folder.appendingPathComponent("scenes").path, "--output", folder.appendingPathComponent(output).path,
        "--max-steps", "30", "--per-device-train-batch-size", "20", "--learning-rate", "1e-3",
        "--eval-strategy", "steps", "--eval-steps", "10", "--save-strategy", "no", "--logging-steps", "1",
        "--generation-max-length", "8", "--freeze-encoder",
      ] + (cache.map { ["--feature-cache", folder.appendingPathComponent($0).path] } ?? []) + options)
    #expect(run.status == 0, "\(run.errors)")
    return (try TrainCommandTests.losses(folder, output), run.errors)
  }

  /// The file of rows of the only model in a cache.
  private static func rows(_ folder: URL, _ cache: String = "cache") throws -> URL {
    let cache = folder.appendingPathComponent(cache)
    let models = try FileManager.default.contentsOfDirectory(atPath: cache.path)
    #expect(models.count == 1, "\(models)")
    return cache.appendingPathComponent(try #require(models.first)).appendingPathComponent("rows")
  }

  private static func size(_ url: URL) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int)
  }

  /// 40 + 6 images, each of 37 hidden states of 128.
  static let images = 46
  static let rowBytes = 37 * 128 * 4

  @Test(arguments: [[], ["--bf16"], ["--no-group-captions", "--gradient-accumulation-steps", "2"]])
  func lossesAreTheSame(options: [String]) throws {
    let folder = try TrainCommandTests.prepare()
    let plain = try Self.train(folder.url, output: "plain", cache: nil, options)
    let first = try Self.train(folder.url, output: "first", options)
    let again = try Self.train(folder.url, output: "again", options)
    #expect(plain.losses.count == 30 && first.losses.count == 30)
    for (a, b) in zip(plain.losses + plain.losses, first.losses + again.losses) {
      #expect(abs(a - b) <= (options == ["--bf16"] ? 1e-2 : 1e-5) * a, "\(a), \(b)")
    }
    let bytes = options == ["--bf16"] ? Self.rowBytes / 2 : Self.rowBytes
    #expect(try Self.size(Self.rows(folder.url)) == Self.images * bytes, "each image is encoded once")
  }

  @Test func narrowFeaturesAreClose() throws {
    let folder = try TrainCommandTests.prepare()
    let plain = try Self.train(folder.url, output: "plain", cache: nil)
    let narrow = try Self.train(folder.url, output: "narrow", ["--feature-cache-dtype", "bfloat16"])
    for (a, b) in zip(plain.losses, narrow.losses) { #expect(abs(a - b) <= 1e-2 * a, "\(a), \(b)") }
    #expect(try Self.size(Self.rows(folder.url)) == Self.images * Self.rowBytes / 2)
  }

  /// A row that was damaged, a row that was half-written, and an image that was changed are encoded again.
  @Test func whatDoesNotFitIsEncodedAgain() throws {
    let folder = try TrainCommandTests.prepare()
    let first = try Self.train(folder.url, output: "first")
    let rows = try Self.rows(folder.url)
    var bytes = try Data(contentsOf: rows)
    bytes[5 * Self.rowBytes + 77] ^= 0x40
    bytes.append(contentsOf: [1, 2, 3])
    try bytes.write(to: rows)
    let damaged = try Self.train(folder.url, output: "damaged")
    for (a, b) in zip(first.losses, damaged.losses) { #expect(abs(a - b) <= 1e-5 * a, "\(a), \(b)") }
    #expect(try Self.size(rows) == (Self.images + 1) * Self.rowBytes)

    let images = folder.url.appendingPathComponent("scenes/train2017")
    let names = try FileManager.default.contentsOfDirectory(atPath: images.path).sorted()
    let image = images.appendingPathComponent(names[0])
    try FileManager.default.removeItem(at: image)
    try FileManager.default.copyItem(at: images.appendingPathComponent(names[1]), to: image)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: image.path)
    _ = try Self.train(folder.url, output: "changed")
    #expect(try Self.size(rows) == (Self.images + 2) * Self.rowBytes)
  }

  @Test func anotherModelHasItsOwn() throws {
    let folder = try TrainCommandTests.prepare()
    let made = try Command.run([
      "init", "--encoder-preset", "vit-micro", "--decoder-preset", "gpt2-micro", "--tokenizer-from",
      folder.url.appendingPathComponent("scenes/annotations/captions_train2017.json").path, "--vocab-size",
      "300",
      "--seed", "5", "--output", folder.url.appendingPathComponent("other/model").path,
    ])
    #expect(made.status == 0, "\(made.errors)")
    try FileManager.default.createSymbolicLink(
      at: folder.url.appendingPathComponent("other/scenes"),
      withDestinationURL: folder.url.appendingPathComponent("scenes"))
    _ = try Self.train(folder.url, output: "run", ["--max-steps", "2"])
    let cache = folder.url.appendingPathComponent("cache").path
    _ = try Self.train(
      folder.url.appendingPathComponent("other"), output: "run", cache: "../cache", ["--max-steps", "2"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache).count == 2)
  }

  @Test func aLearningEncoderIsRefused() throws {
    let folder = try TrainCommandTests.prepare()
    let run = try Command.run(
      TrainCommandTests.arguments(folder.url, output: "run") + ["--feature-cache", "cache"])
    #expect(run.status == 2 && run.errors.contains("--freeze-encoder"), "\(run.errors)")
  }
}
