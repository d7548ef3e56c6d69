/// What becomes of a caption that is there already.
package enum ExistingMode: String, Sendable, CaseIterable {
  /// It stays, and the image isn't captioned; but an image that changed since the job captioned it, or was captioned by it
  /// with other options, is captioned anew.
  case skip
  /// The new caption takes its place.
  case overwrite
  /// The new caption follows it.
  case append
  /// The new caption precedes it.
  case prepend
}
