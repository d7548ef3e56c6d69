#if Network
  import Foundation
  import Testing
  import VignetteFiles
  import VignetteTestSupport

  /// `vignette serve` as a process.
  @Suite(.serialized) struct ServeCommandTests {
    private static func process(_ arguments: [String]) -> (Process, Pipe) {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("vignette")
      process.arguments = ["serve"] + arguments
      let errors = Pipe()
      process.standardError = errors
      return (process, errors)
    }

    private static func run(_ arguments: [String]) throws -> (status: Int32, errors: String) {
      let (process, errors) = process(arguments)
      try process.run()
      let data = errors.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test(arguments: [
      (["--host", "0.0.0.0"], Int32(64), "--api-key"), (["--tls-key", "a.pem"], 64, "--tls-certificate"),
      (["--queue-size", "0"], 64, "--queue-size"), (["--port", "70000"], 64, "--port"),
      (["--model", "/nowhere"], 2, "/nowhere"),
      (["--tls-key", "/n.pem", "--tls-certificate", "/n.pem"], 2, "/n.pem"),
    ])
    func wrongArguments(arguments: [String], status: Int32, word: String) throws {
      let run = try Self.run(["--port", "0", "--model", TestedServer.folder.path] + arguments)
      #expect(run.status == status && run.errors.contains(word), "\(run.errors)")
    }

    @Test(arguments: ["text", "json"]) func aSignalStopsIt(format: String) throws {
      let (process, errors) = Self.process([
        "--port", "0", "--model", "small=\(TestedServer.folder.path)", "--log-format", format,
      ])
      try process.run()
      var log = ""
      while !log.contains("\n") {
        let data = errors.fileHandleForReading.availableData
        if data.isEmpty { break }
        log += String(decoding: data, as: UTF8.self)
      }
      if format == "json" {
        let json = try JSONValue(parsing: log.prefix { $0 != "\n" }.utf8, file: "log")
        #expect(
          json["message"] == "listening" && json["url"]?.asString?.hasPrefix("http://127.0.0.1:") == true)
      } else {
        #expect(log.hasPrefix("listening url=http://127.0.0.1:"))
      }
      kill(process.processIdentifier, SIGTERM)
      log += String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0 && log.contains("stopped"), "\(log)")
    }

    @Test func aPortThatIsTaken() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        let run = try Self.run(["--port", "\(server.port)", "--model", TestedServer.folder.path])
        #expect(
          run.status == 2 && run.errors.contains("listen on 127.0.0.1, port \(server.port)"), "\(run.errors)")
      }
    }
  }
#endif
