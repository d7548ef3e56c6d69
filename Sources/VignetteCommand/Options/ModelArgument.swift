import Foundation
import VignetteHub
import VignetteModels

/// The folder that `--model` means.
enum ModelArgument {
  /// - Throws: what says that there is none, or that its model is no captioner; before data are read, which can take a while.
  static func resolve(_ model: String) throws -> URL {
    let folder = try HubCache().resolve(model)
    try CaptionFamily.check(folder)
    return folder
  }
}
