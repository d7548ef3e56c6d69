import ArgumentParser
import VignetteLibrary

/// Which images are meant, besides the arguments.
struct InputArguments: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "Whether folders in folders are searched for images.")
  var recursive = true

  @Option(
    parsing: .unconditionalSingleValue,
    help: """
      Pattern of images to take in folders: of their names, or with a / in it of their paths in the folder; ** stands \
      for any folders. May be repeated.
      """)
  var include: [String] = []

  @Option(
    parsing: .unconditionalSingleValue, help: "Pattern of images and folders to leave out. May be repeated.")
  var exclude: [String] = []

  @Option(help: "File that lists images, folders and archives, one a line; - for standard input.")
  var filesFrom: String?

  @Flag(help: "The names on the list are separated by zeros, as find -print0 writes them.")
  var null = false

  @Option(help: "Part of the images to caption, such as 2/8: the second of eight, by their names.")
  var shard: ShardArgument?

  func validate() throws {
    if null, filesFrom == nil {
      throw ValidationError("--null is about the names of --files-from, which isn't given")
    }
  }

  /// Whether anything is asked for.
  var isUsed: Bool {
    !recursive || !include.isEmpty || !exclude.isEmpty || filesFrom != nil || shard != nil
  }

  func inputs(_ arguments: [String]) -> ImageInputs {
    var inputs = ImageInputs(arguments)
    inputs.isRecursive = recursive
    inputs.included = include.map { GlobPattern($0) }
    inputs.excluded = exclude.map { GlobPattern($0) }
    inputs.list = filesFrom.map { NameList(path: $0, hasZeros: null) }
    inputs.shard = shard?.value
    return inputs
  }
}

/// A part of the images: `2/8`.
struct ShardArgument: DescribedArgument {
  static let expectation = "a number and a count, such as 2/8"

  let value: Shard

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1],
      let value = Shard(number: number, of: count)
    else { return nil }
    self.value = value
  }
}
