import Foundation
import Synchronization

/// Runs the `vignette` that was built beside the tests.
enum Command {
  struct Result {
    let output: String
    let errors: String
    let status: Int32
  }

  static var executable: URL { executable(named: "vignette") }

  private static func executable(named name: String) -> URL {
    URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent(name)
  }

  static func process(_ arguments: [String], program: String = "vignette") -> Process {
    let process = Process()
    process.executableURL = executable(named: program)
    process.arguments = arguments
    return process
  }

  /// Runs it where no file can grow beyond so many bytes, as on a disk that is full.
  static func run(_ arguments: [String], fileSizeLimit: Int) throws -> Result {
    // A shell's limit is in blocks of 512 bytes. The signal that comes with it would end the process.
    try run(arguments, limit: "ulimit -f \(fileSizeLimit / 512); trap '' XFSZ")
  }

  /// Runs it where its memory can't grow beyond so many bytes, mapped files and programs counted.
  static func run(_ arguments: [String], memoryLimit: Int) throws -> Result {
    try run(arguments, limit: "ulimit -v \(memoryLimit / 1024)")
  }

  private static func run(_ arguments: [String], limit: String) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "\(limit); exec \"$0\" \"$@\"", executable.path] + arguments
    return try run(process)
  }

  static func run(_ arguments: [String], input: Data = Data(), program: String = "vignette") throws -> Result
  {
    try run(process(arguments, program: program), input: input)
  }

  private static func run(_ process: Process, input: Data = Data()) throws -> Result {
    let (inputPipe, outputPipe, errorPipe) = (Pipe(), Pipe(), Pipe())
    process.standardInput = inputPipe
    process.standardOutput = outputPipe
    process.standardError = errorPipe
    try process.run()
    let errors = Mutex(Data())
    let group = DispatchGroup()
    DispatchQueue.global().async(group: group) {
      let data = errorPipe.fileHandleForReading.readDataToEndOfFile()
      errors.withLock { $0 = data }
    }
    // A command that fails early doesn't read its input.
    signal(SIGPIPE, SIG_IGN)
    try? inputPipe.fileHandleForWriting.write(contentsOf: input)
    try? inputPipe.fileHandleForWriting.close()
    let output = outputPipe.fileHandleForReading.readDataToEndOfFile()
    group.wait()
    process.waitUntilExit()
    return Result(
      output: String(decoding: output, as: UTF8.self),
      errors: errors.withLock { String(decoding: $0, as: UTF8.self) }, status: process.terminationStatus)
  }
}
