#if os(Linux)
  import Foundation
  import Testing
  import VignetteTestSupport

  /// What the Debian package says of the program is true of it.
  @Suite struct PackagingTests {
    private static let root = Fixture.url("..")

    /// The program loads the libraries that `Packaging/libraries.txt` names and, as the tests' build brings none of
    /// them along, those of Swift.
    @Test func theProgramLoadsTheLibrariesThatAreWrittenDown() throws {
      let file = Self.root.appending(path: "Packaging/libraries.txt")
      let list = try String(contentsOf: file, encoding: .utf8)
      let written = list.split(separator: "\n").filter { !$0.hasPrefix("#") }
        .compactMap { $0.split(separator: " ").first.map(String.init) }
      let needed = try Self.libraries(of: Command.executable)
      #expect(!needed.isEmpty)
      let toolchain = ["libswift", "libFoundation", "lib_Foundation", "libdispatch", "libBlocksRuntime"]
      let ours = needed.filter { library in !toolchain.contains { library.hasPrefix($0) } }
      #expect(Set(ours).subtracting(written).isEmpty, "not written down")
      let present = try run("/usr/bin/ldd", [Command.executable.path])
      #expect(!present.contains("not found"), "\(present)")
      for library in written {
        #expect(present.contains(library), "\(library) is written down and not loaded")
      }
    }

    /// The names in the dynamic section of an ELF file.
    private static func libraries(of program: URL) throws -> [String] {
      try run("/usr/bin/readelf", ["-d", program.path]).split(separator: "\n")
        .filter { $0.contains("(NEEDED)") }
        .compactMap { $0.split(separator: "[").last?.split(separator: "]").first.map(String.init) }
    }
  }

  private func run(_ tool: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: tool)
    process.arguments = arguments
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
#endif
