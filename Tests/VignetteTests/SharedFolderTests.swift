import Foundation
import Testing
import VignetteTestSupport

/// Two runs of `vignette train` in one output folder.
@Suite(.serialized) struct SharedFolderTests {
  /// The second is refused whatever it goes on from; the lock goes with its process, even one that is killed.
  @Test func theSecondIsRefused() throws {
    let run = try TrainRun(scenes: 8)
    let arguments = ["--save-strategy", "steps", "--save-steps", "2", "--max-steps", "1000000"]
    let first = Command.process(run.arguments("run", arguments))
    first.standardError = FileHandle.nullDevice
    try first.run()
    defer { kill(first.processIdentifier, SIGKILL) }
    while first.isRunning, (try? run.checkpoints())?.isEmpty ?? true { Thread.sleep(forTimeInterval: 0.002) }
    for resumed in [[], ["--resume-from-checkpoint", "latest"], ["--overwrite-output-dir"]] {
      let second = try run.train("run", arguments + resumed)
      #expect(second.status == 2, "\(second.errors)")
      let line = second.errors.split(separator: "\n").last ?? ""
      #expect(line.contains(run.url("run").path), "\(line)")
      #expect(line.contains("process \(first.processIdentifier):"), "\(line)")
    }
    #expect(first.isRunning)
    kill(first.processIdentifier, SIGKILL)
    first.waitUntilExit()
    let step = try #require(run.checkpoints().last)
    try run.trained(
      "run",
      ["--save-strategy", "no", "--max-steps", "\(step + 1)", "--resume-from-checkpoint", "latest"])
    #expect(try run.state().globalStep == step + 1)
    let left = try FileManager.default.contentsOfDirectory(atPath: run.url("run").path)
    #expect(!left.contains { $0.hasPrefix(".") }, "\(left)")
  }

  /// A run whose images vanish doesn't end as trained.
  @Test func aShareThatIsUnmounted() throws {
    let run = try TrainRun(scenes: 40)
    let process = Command.process(
      run.arguments("run", ["--save-strategy", "steps", "--save-steps", "4", "--max-steps", "1000000"]))
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    while process.isRunning, (try? run.checkpoints())?.isEmpty ?? true {
      Thread.sleep(forTimeInterval: 0.002)
    }
    let images = run.url("scenes/train2017")
    try FileManager.default.moveItem(at: images, to: run.url("scenes/away"))
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 2 && text.contains(images.path), "\(text)")
    #expect(text.contains("can't be opened any more") && !text.contains("trained"), "\(text)")
    #expect(try run.checkpoints().count >= 2)
  }
}
