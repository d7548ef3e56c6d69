import Foundation
import Testing
import VignetteTestSupport

/// Ctrl-C, while a command waits for an image from a pipe that nobody writes to.
@Suite struct InterruptionTests {
  private static let scene = CommandTests.scene

  /// What a command prints, as it comes.
  private struct Running {
    private let process: Process
    private let output = Pipe()
    private let errors = Pipe()

    init(_ arguments: [String]) throws {
      process = Command.process(arguments)
      process.standardOutput = output
      process.standardError = errors
      try Command.start(process)
    }

    func outputLine() -> String { Self.line(output) }

    func errorLine() -> String { Self.line(errors) }

    private static func line(_ pipe: Pipe) -> String {
      var bytes = Data()
      while bytes.last != UInt8(ascii: "\n") {
        let next = pipe.fileHandleForReading.readData(ofLength: 1)
        if next.isEmpty { break }
        bytes += next
      }
      return String(decoding: bytes, as: UTF8.self)
    }

    func interrupt(_ signal: Int32) -> Command.Result {
      kill(process.processIdentifier, signal)
      let (output, errors) = (output.fileHandleForReading, errors.fileHandleForReading)
      let rest = (output.readDataToEndOfFile(), errors.readDataToEndOfFile())
      process.waitUntilExit()
      return Command.Result(
        output: String(decoding: rest.0, as: UTF8.self), errors: String(decoding: rest.1, as: UTF8.self),
        status: process.terminationStatus)
    }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func captioningStopsWithWhatIsPrinted(signal: Int32) throws {
    let folder = try TemporaryFolder()
    let pipe = folder.url.appendingPathComponent("pipe.png").path
    #expect(mkfifo(pipe, 0o600) == 0)
    let running = try Running([
      "caption", "--model", CommandTests.model, "--batch-size", "1", "--max-length", "5", Self.scene, pipe,
    ])
    let line = running.outputLine()
    #expect(line.hasPrefix("\(Self.scene)\t") && line.hasSuffix("\n"))
    let end = running.interrupt(signal)
    #expect(end.status == 130 && end.output == "" && end.errors == "vignette: stopped\n", "\(end)")
  }

  @Test func evaluatingStops() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("validation"), withIntermediateDirectories: false)
    #expect(mkfifo(folder.url.appendingPathComponent("validation/pipe.png").path, 0o600) == 0)
    try folder.write(
      Data(#"{"file_name": "pipe.png", "text": "a tent"}"#.utf8), to: "validation/metadata.jsonl")
    let running = try Running([
      "evaluate", "--model", CommandTests.model, "--dataset", "imagefolder", "--data-dir", folder.url.path,
    ])
    var line = ""
    repeat { line = running.errorLine() } while !line.hasPrefix("  captions: ") && !line.isEmpty
    #expect(!line.isEmpty)
    let end = running.interrupt(SIGINT)
    #expect(end.status == 130 && end.output == "" && end.errors == "vignette: stopped\n", "\(end)")
  }
}
