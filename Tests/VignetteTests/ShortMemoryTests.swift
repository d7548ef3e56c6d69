import Foundation
import Testing
import VignetteTestSupport

/// The command where memory is short: results or an error, never a signal.
@Suite(.serialized) struct ShortMemoryTests {
  private static let model = Fixture.url("models/vit-gpt2")
  private static let image = model.appendingPathComponent("scene.png").path

  /// From too little for the program itself to plenty; `Scripts/memory-sweep.sh` takes smaller steps.
  @Test(arguments: stride(from: 120, through: 720, by: 40).map(\.self))
  func captioningEndsInOrder(megabytes: Int) throws {
    let run = try Command.run(
      ["caption", "--model", Self.model.path, Self.image, "--num-beams", "3", "--max-length", "8"],
      memoryLimit: megabytes << 20)
    // 127: the system's loader finds no room for the libraries.
    #expect([0, 1, 2, 127].contains(run.status), "\(run.status) \(run.errors)")
    #expect(run.status == 0 ? !run.output.isEmpty : !run.errors.isEmpty)
    if run.status == 1 || run.status == 2 {
      #expect(run.errors.lowercased().contains("memory"), "\(run.errors)")
    }
  }

  /// A small file of many pixels is that image's error, with its size, and the next image is captioned.
  @Test func anImageThatDoesNotFitIsNamed() throws {
    let folder = try TemporaryFolder()
    var gif = Array("GIF89a".utf8)
    // A canvas of 12,000 × 12,000 and a frame of one pixel.
    gif += [0xE0, 0x2E, 0xE0, 0x2E, 0, 0, 0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]
    let file = try folder.write(Data(gif), to: "large.gif")
    let run = try Command.run(
      ["caption", "--model", Self.model.path, file.path, Self.image], memoryLimit: 900 << 20)
    #expect(run.status == 1, "\(run.status) \(run.errors)")
    #expect(
      run.errors.contains("large.gif: there isn't enough memory for 12000 x 12000 pixels"), "\(run.errors)")
    #expect(run.output.contains("scene.png"))
  }
}
