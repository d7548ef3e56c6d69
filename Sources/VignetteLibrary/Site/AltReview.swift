package import Foundation
import VignetteFiles

/// What was filled in, for a person to look through: a line of JSON an image.
package enum AltReview {
  /// Writes the list, all or nothing.
  ///
  /// - Parameter scores: by the image's path.
  /// - Throws: `SystemError`.
  package static func write(_ filled: [SiteGaps.Filled], scores: [String: Float], to url: URL) throws {
    let lines = filled.map { item in
      let object: JSONValue = [
        "page": .string(item.page), "line": .int(item.line), "image": .string(item.image),
        "alt": .string(item.text),
        "score": scores[item.image].flatMap { Double("\($0)") }.map { .double($0) } ?? .null,
      ]
      return object.text(.plainLine) + "\n"
    }
    try AtomicFile.write(Array(lines.joined().utf8), to: url)
  }
}
