import Foundation
import Testing
import VignetteTensors
import VignetteTestSupport

/// How much memory can be had, from what Linux tells of a machine and a container.
@Suite struct SystemMemoryTests {
  private static func available(_ files: [String: String]) throws -> Double {
    let folder = try TemporaryFolder()
    for (path, text) in files { try folder.write(Data(text.utf8), to: path) }
    return SystemMemory(root: folder.url).available
  }

  private static let machine =
    "MemTotal:       16000000 kB\nMemFree:          100000 kB\nMemAvailable:     300000 kB\nSwapFree:          20000 kB\n"

  /// What others use can't be had, whatever the machine has in all.
  @Test func otherProgramsCount() throws {
    #expect(try Self.available(["proc/meminfo": Self.machine]) == 320_000 * 1024)
  }

  @Test(arguments: [
    [
      "memory.max": "200000000\n", "memory.current": "150000000\n",
      "memory.stat": "anon 5\nfile 60000000\ninactive_file 50000000\n",
    ],
    [
      "memory/memory.limit_in_bytes": "200000000\n", "memory/memory.usage_in_bytes": "150000000\n",
      "memory/memory.stat": "inactive_file 7\ntotal_inactive_file 50000000\n",
    ],
  ])
  func containersCount(_ files: [String: String]) throws {
    var all = ["proc/meminfo": Self.machine]
    for (name, text) in files { all["sys/fs/cgroup/\(name)"] = text }
    #expect(try Self.available(all) == 100_000_000)
  }

  @Test func anUnlimitedContainerDoesNot() throws {
    let files = ["proc/meminfo": Self.machine, "sys/fs/cgroup/memory.max": "max\n"]
    #expect(try Self.available(files) == 320_000 * 1024)
  }

  @Test func whereNothingIsToldTheMachineCounts() throws {
    #expect(try Self.available([:]) <= Double(ProcessInfo.processInfo.physicalMemory))
  }

  /// A check looks at what is free, not at what the machine has.
  @Test func whatIsNotFreeIsRefused() throws {
    let shape = [1 << 25]
    try MemoryCheck.pass(shape, "the attention", lowering: ["size"], available: 1e12)
    let error = #expect(throws: TensorMemoryError.self) {
      try MemoryCheck.pass(shape, "the attention", lowering: ["size"], available: 100e6)
    }
    #expect(
      error?.description
        == "the attention would take 134 MB of memory, but there are 100 MB; lower `size`")
  }
}
