import Foundation
import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteTestSupport

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
    let url = try folder.write(whole, to: "cut")
    let handle = try FileHandle(forUpdating: url)
    let readable = try (0..<whole.count).reversed().filter { count in
      try handle.truncate(atOffset: UInt64(count))
      do { try Self.read(url, like: name) } catch is any PlainError { return false }
      return true
    }
    #expect(readable.isEmpty)
  }

  @Test(arguments: names)
  func aChangedFileDoesNoHarm(name: String) throws {
    let whole = try Fixture.data("checkpoints/\(name)")
    let folder = try TemporaryFolder()
    let url = try folder.write(whole, to: "changed")
    let handle = try FileHandle(forUpdating: url)
    var generator = SplitMix64(seed: 1)
    for _ in 0..<2000 {
      let places = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
        Int.random(in: 0..<whole.count, using: &generator)
      }
      for place in places {
        let byte = Bool.random(using: &generator) ? .random(in: 0...255, using: &generator) : UInt8.max
        try handle.seek(toOffset: UInt64(place))
        try handle.write(contentsOf: [byte])
      }
      do { try Self.read(url, like: name) } catch is any PlainError {}
      for place in places {
        try handle.seek(toOffset: UInt64(place))
        try handle.write(contentsOf: [whole[place]])
      }
    }
  }

  /// Reads every value of a damaged copy of the fixture `name`.
  private static func read(_ url: URL, like name: String) throws {
    let isSafetensors = name.hasSuffix(".safetensors")
    let tensors = isSafetensors ? try SafetensorsFile(at: url).tensors : try PyTorchFile(at: url).tensors
    for tensor in tensors { _ = tensor.floats() }
  }
}
