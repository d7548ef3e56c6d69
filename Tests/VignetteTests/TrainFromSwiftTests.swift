import Foundation
import VignetteTestSupport
import Testing

/// The example program of README.md.
@Suite struct TrainFromSwiftTests {
  private static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test func theReadmeShowsIt() throws {
    func text(_ path: String) throws -> String {
      try String(contentsOf: Self.repository.appendingPathComponent(path), encoding: .utf8)
    }
    #expect(try text("README.md").contains("```swift\n\(text("Examples/TrainFromSwift/main.swift"))```"))
  }

  @Test func itTrainsAndCaptions() throws {
    let folder = try TemporaryFolder()
    let scenes = folder.url.appendingPathComponent("scenes").path
    let drawn = try Command.run([
      "dataset", "demo", "--output", scenes, "--train-scenes", "20", "--validation-scenes", "4", "--colours",
      "2",
      "--shapes", "3",
    ])
    #expect(drawn.status == 0, "\(drawn.errors)")
    let output = folder.url.appendingPathComponent("run")
    let run = try Command.run([scenes, output.path], program: "VignetteTrainingExample")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.split(separator: "\n").count == 1)
    let written = try FileManager.default.contentsOfDirectory(atPath: output.path)
    #expect(
      Set(["training-report.html", "README.md", "model.safetensors", "checkpoint-6"]).isSubset(of: written))
  }
}
