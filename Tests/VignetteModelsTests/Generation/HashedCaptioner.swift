import VignetteModels

/// The twin of the fixtures' `HashedCaptioner`: logits from integer arithmetic on the image's number, the length
/// and the two latest tokens. It keeps what a real model would cache: each row's image and tokens.
struct HashedCaptioner: DecodingModel {
  let images: [Int]
  let levels: Int
  /// The logits are multiples of one part in so many.
  var divisor: Float = 8
  let vocabularySize: Int
  let maximumLength: Int

  /// The greatest number of rows in each step so far.
  private(set) var rowCounts: [Int] = []
  private var rows: [(image: Int, tokens: [Int])] = []

  init(images: [Int], levels: Int = 97, vocabularySize: Int = 48, maximumLength: Int = 64) {
    self.images = images
    self.levels = levels
    self.vocabularySize = vocabularySize
    self.maximumLength = maximumLength
  }

  var imageCount: Int { images.count }

  mutating func begin(prompts: [[Int]], logits: UnsafeMutableBufferPointer<Float>) throws {
    precondition(prompts.count == images.count && logits.count == images.count * vocabularySize)
    rows = prompts.enumerated().map { ($0, $1) }
    write(to: logits)
  }

  mutating func step(tokens: [Int], parents: [Int], logits: UnsafeMutableBufferPointer<Float>) throws {
    precondition(tokens.count == parents.count && logits.count == tokens.count * vocabularySize)
    let previous = rows
    rows = zip(tokens, parents).map { token, parent in
      (previous[parent].image, previous[parent].tokens + [token])
    }
    precondition(
      rows.map(\.image) == rows.map(\.image).sorted(), "rows must stand in the order of their images")
    write(to: logits)
  }

  private mutating func write(to logits: UnsafeMutableBufferPointer<Float>) {
    rowCounts.append(rows.count)
    for (number, row) in rows.enumerated() {
      write(row.tokens, images[row.image], to: logits, from: number * vocabularySize)
    }
  }

  private func write(
    _ tokens: [Int], _ image: Int, to logits: UnsafeMutableBufferPointer<Float>, from start: Int
  ) {
    let latest = tokens[tokens.count - 1]
    let before = tokens.count > 1 ? tokens[tokens.count - 2] : 0
    let row = mix(mix(mix(image + 17) + before) + latest * 5 + tokens.count % 3)
    for token in 0..<vocabularySize {
      let value = mix(mix(row + token * 7919))
      let level = (value >> 7) % levels - levels / 2
      logits[start + token] = Float(level) / divisor
    }
    logits[start + 2] += Float(tokens.count) / 4
  }

  private func mix(_ value: Int) -> Int {
    let next = (value &* 1_103_515_245 &+ 12345) & 0x7FFF_FFFF
    return next ^ (next >> 15)
  }
}
