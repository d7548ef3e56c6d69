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

  /// One thread each, where a test doesn't say otherwise: several commands run at a time, and threads that wait for
  /// each other would take the processors from the others.
  private static let environment = ProcessInfo.processInfo.environment.merging(["VIGNETTE_NUM_THREADS": "1"])
  {
    given, _ in given
  }

  static func process(_ arguments: [String], program: String = "vignette") -> Process {
    let process = Process()
    process.executableURL = executable(named: program)
    process.arguments = arguments
    process.environment = environment
    return process
  }

  /// Runs it where no file can grow beyond so many bytes, as on a disk that is full.
  static func run(_ arguments: [String], fileSizeLimit: Int) throws -> Result {
    // A shell's limit is in blocks of 512 bytes.
    try run(arguments, after: "ulimit -f \(fileSizeLimit / 512)")
  }

  /// Runs it where its memory can't grow beyond so many bytes, mapped files and programs counted.
  static func run(_ arguments: [String], memoryLimit: Int) throws -> Result {
    try run(arguments, after: "ulimit -v \(memoryLimit / 1024)")
  }

  /// Runs it where no more files than that can be open, the standard streams counted.
  static func run(_ arguments: [String], openFileLimit: Int) throws -> Result {
    try run(arguments, after: "ulimit -n \(openFileLimit)")
  }

  /// Runs it with its streams somewhere else, as a shell writes it: `> /dev/full`.
  static func run(_ arguments: [String], redirecting streams: String) throws -> Result {
    try run(arguments, after: "exec \(streams)")
  }

  /// Runs a shell's commands, to which the program is `$V`.
  static func run(script: String, in folder: URL, variables: [String: String]) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = folder
    process.environment = environment.merging(variables) { _, new in new }.merging(["V": executable.path]) {
      _, new in new
    }
    return try run(process)
  }

  private static func run(_ arguments: [String], after command: String) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "\(command); exec \"$0\" \"$@\"", executable.path] + arguments
    process.environment = environment
    return try run(process)
  }

  /// - Parameters:
  ///   - folder: where it runs, if not where the tests do.
  ///   - variables: what its environment has besides that of the tests.
  static func run(
    _ arguments: [String], input: Data = Data(), program: String = "vignette", in folder: URL? = nil,
    variables: [String: String] = [:]
  ) throws -> Result {
    let process = process(arguments, program: program)
    if let folder { process.currentDirectoryURL = folder }
    process.environment = environment.merging(variables) { _, new in new }
    return try run(process, input: input)
  }

  private static func run(_ process: Process, input: Data = Data()) throws -> Result {
    let (inputPipe, outputPipe, errorPipe) = (Pipe(), Pipe(), Pipe())
    process.standardInput = inputPipe
    process.standardOutput = outputPipe
    process.standardError = errorPipe
    try start(process)
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

  /// Starts it as a shell does: the threads that tests run on block signals, and what they start would block them too.
  static func start(_ process: Process) throws {
    var (none, blocked) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &blocked)
    defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
    try process.run()
  }
}
