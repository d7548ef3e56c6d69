import VignetteFiles

/// Memory for images, which may be refused.
enum PixelMemory {
  /// Runs what needs memory for an image of this size.
  ///
  /// - Throws: ``ImageError`` where there isn't as much; else what `body` throws.
  static func of<Result>(width: Int, height: Int, _ body: () throws -> Result) throws -> Result {
    try of("\(width) x \(height) pixels", body)
  }

  static func of<Result>(_ what: @autoclosure () -> String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch is OutOfMemory {
      throw ImageError(.outOfMemory(what()))
    }
  }
}
