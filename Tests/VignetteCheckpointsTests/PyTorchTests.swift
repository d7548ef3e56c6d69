import Foundation
import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteTestSupport

@Suite struct PyTorchTests {
  @Test(arguments: ["views.bin", "views-legacy.bin", "views-protocol4.bin", "views-legacy-protocol4.bin"])
  func sharedAndStridedTensorsAreRead(name: String) throws {
    let file = try PyTorchFile(at: Fixture.url("checkpoints/\(name)"))
    try Expectation("checkpoints/views.json").check(file.tensors)
  }

  @Test func anArchiveOfAnotherToolIsRead() throws {
    let file = try PyTorchFile(at: Fixture.url("checkpoints/types-plain-zip.bin"))
    try Expectation("checkpoints/types.json").check(file.tensors)
    #expect(file.tensors.contains { !$0.isAligned })
  }

  @Test func everyTypeIsReadAndWritten() throws {
    let expectation = try Expectation("checkpoints/types.json")
    let original = try PyTorchFile(at: Fixture.url("checkpoints/types.bin")).tensors
    expectation.check(original)
    let folder = try TemporaryFolder()
    let copy = folder.url.appendingPathComponent("pytorch_model.bin")
    try PyTorchWriter.write(original.map { WritableTensor($0) }, to: copy)
    let written = try PyTorchFile(at: copy).tensors
    expectation.check(written)
    #expect(written.map(\.name) == original.map(\.name))
    #expect(written.allSatisfy { $0.byteOffset.isMultiple(of: 64) })
  }

  @Test(arguments: [
    ("os-system", "`posix.system`"), ("os-system-legacy", "`posix.system`"),
    ("eval", "`__builtin__.eval`"), ("eval-legacy", "`__builtin__.eval`"),
    ("class", "`collections.Counter`"), ("class-legacy", "`collections.Counter`"),
    ("complex", "`torch.ComplexFloatStorage`"), ("complex-legacy", "`torch.ComplexFloatStorage`"),
    ("negated", "is stored negated or conjugated"), ("negated-legacy", "is stored negated or conjugated"),
    ("list", "holds no dict of tensors by name"),
    ("nested", "holds no tensors at its top level, only: model"),
  ])
  func whatIsNoDataIsRefused(name: String, problem: String) throws {
    let error = #expect(throws: (any Error).self) {
      try PyTorchFile(at: Fixture.url("checkpoints/refused/\(name).bin"))
    }
    #expect(error.map { "\($0)".contains(problem) } == true, "\(String(describing: error))")
  }

  @Test func aFileOfAnotherKindIsRefused() throws {
    let folder = try TemporaryFolder()
    for contents in [Data(), Data("PK".utf8), Data("hello, world".utf8), Data(count: 1000)] {
      let url = try folder.write(contents, to: "pytorch_model.bin")
      let error = #expect(throws: FileError.self) { try PyTorchFile(at: url) }
      #expect(error.map { "\($0)".contains("is no file that torch.save wrote") } == true)
    }
  }
}
