/// Room for the logits of every row of a step, and for one row of scores made of them.
package final class LogitsBuffer {
  let vocabularySize: Int
  let scores: UnsafeMutableBufferPointer<Float>
  private let logits: UnsafeMutableBufferPointer<Float>

  /// - Throws: `GenerationError.tooManyRows` above 2³¹ logits (8 GiB).
  package init(images: Int, rowsPerImage: Int, _ vocabularySize: Int) throws {
    let (rows, manyRows) = images.multipliedReportingOverflow(by: rowsPerImage)
    let (count, manyLogits) = rows.multipliedReportingOverflow(by: vocabularySize)
    guard !manyRows, !manyLogits, count <= 1 << 31 else {
      throw GenerationError.tooManyRows(
        images: images, rowsPerImage: rowsPerImage, vocabularySize: vocabularySize)
    }
    self.vocabularySize = vocabularySize
    logits = .allocate(capacity: count)
    logits.initialize(repeating: 0)
    scores = .allocate(capacity: vocabularySize)
    scores.initialize(repeating: 0)
  }

  deinit {
    logits.deallocate()
    scores.deallocate()
  }

  /// The logits of the first `count` rows.
  func rows(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    .init(rebasing: logits[..<(count * vocabularySize)])
  }

  /// The logits of one row.
  func row(_ row: Int) -> UnsafeBufferPointer<Float> {
    .init(rebasing: logits[(row * vocabularySize)..<((row + 1) * vocabularySize)])
  }
}
