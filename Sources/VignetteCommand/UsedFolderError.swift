import Foundation

import VignetteCheckpoints
import VignetteFiles

/// A folder with a model that would be lost if another one were written there.
struct UsedFolderError: PlainError {
  let path: String

  var description: String {
    "\(path) holds a model already: choose another --output, or write over it with --overwrite-output-dir"
  }
}
