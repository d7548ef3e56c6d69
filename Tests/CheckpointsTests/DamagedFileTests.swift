import Checkpoints
import Foundation
import TestSupport
import Testing

/// Files cut off or changed at random are refused or read, but nothing crashes.
@Suite struct DamagedFileTests {
  static let names = [
    "types.safetensors", "types.bin", "views.bin", "views-legacy.bin", "views-legacy-protocol4.bin",
    "refused/os-system.bin", "refused/os-system-legacy.bin",
  ]

  @Test(arguments: names)
  func aFileCutOffAnywhereIsRefused(name: String) throws {
    let whole = try Fixture.data("checkpoints/\(name)")
    let folder = try TemporaryFolder()
    let readable = try (0..<whole.count).filter { count in
      let url = try folder.write(whole.prefix(count), to: "cut")
      do { try Self.read(url) } catch is any PlainError { return false }
      return true
    }
    #expect(readable.isEmpty)
  }

  @Test(arguments: names)
  func aChangedFileDoesNoHarm(name: String) throws {
    let whole = try Fixture.data("checkpoints/\(name)")
    let folder = try TemporaryFolder()
    var generator = SplitMix64(seed: 1)
    for _ in 0..<2000 {
      var changed = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let position = Int.random(in: 0..<changed.count, using: &generator)
        changed[position] = Bool.random(using: &generator) ? .random(in: 0...255, using: &generator) : 0xFF
      }
      let url = try folder.write(changed, to: "changed")
      do { try Self.read(url) } catch is any PlainError {}
    }
  }

  /// Reads every value of a file of either format.
  private static func read(_ url: URL) throws {
    let isZipOrPickle = try Data(contentsOf: url).prefix(1).first.map { $0 == 0x50 || $0 == 0x80 } ?? false
    let tensors = isZipOrPickle ? try PyTorchFile(at: url).tensors : try SafetensorsFile(at: url).tensors
    for tensor in tensors { _ = tensor.floats() }
  }
}
