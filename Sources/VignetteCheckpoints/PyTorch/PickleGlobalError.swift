public import VignetteFiles
import Foundation

/// A pickle that asks for something which is no data.
public struct PickleGlobalError: PlainError, Equatable {
  public let path: String
  /// What it asks for, by its dotted Python name.
  public let global: String

  public var description: String {
    "\(path): the pickle asks for `\(global)`, which is not a tensor or a plain container and could be code; "
      + "nothing was run. If you trust the file, convert it to safetensors where it came from"
  }
}
