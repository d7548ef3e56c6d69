import VignetteFiles

/// What stands on the command line behind the program's name.
///
/// Swift's `CommandLine.arguments` repairs what isn't UTF-8, and the names of files needn't be.
enum GivenArguments {
  static let all: [String] = (0..<Int(CommandLine.argc)).dropFirst().compactMap { index in
    CommandLine.unsafeArgv[index].map { FileName.string(of: $0) }
  }
}
