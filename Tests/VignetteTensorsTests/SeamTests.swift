import Foundation
import VignetteTestSupport
import Testing

/// What the room's files may know of each other.
@Suite struct SeamTests {
  /// Operations say what in shapes and formulas; how it is done, and where in memory, kernels and storage know.
  @Test func onlyKernelsTouchPointersAndC() throws {
    let room = Fixture.url("../Sources/VignetteTensors").standardizedFileURL
    let files = try FileManager.default.subpathsOfDirectory(atPath: room.path).filter {
      $0.hasSuffix(".swift")
    }
    #expect(files.count > 20)
    for file in files where !file.hasPrefix("Kernels/") && !file.hasPrefix("Storage/") {
      let text = try String(contentsOf: room.appendingPathComponent(file), encoding: .utf8)
      for word in ["withUnsafe", "kernels_", "onednn_", "import CVignetteKernels", "import CVignetteOneDNN"] {
        #expect(!text.contains(word), "\(word) in \(file)")
      }
    }
  }
}
