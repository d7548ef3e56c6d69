/// BERT's normalisation of text before it is cut into words.
package struct BertNormalizer: Sendable, Equatable {
  /// Drops control characters and makes all white space a space.
  package var cleansText = true
  /// Puts spaces around Chinese characters, so that each is a word.
  package var splitsChinese = true
  package var stripsAccents = true
  package var lowercases = true

  package init() {}

  package func apply(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var scalars = UTF8Bytes.scalars(text)
    if cleansText {
      scalars.removeAll { CharacterClass.removedByCleaning.contains($0) }
      for index in scalars.indices where CharacterClass.isWhitespace(scalars[index]) { scalars[index] = 0x20 }
    }
    if splitsChinese, scalars.contains(where: CharacterClass.isChinese) {
      scalars = scalars.flatMap { CharacterClass.isChinese($0) ? [0x20, $0, 0x20] : [$0] }
    }
    if stripsAccents, scalars.contains(where: { $0 >= 0x80 }) {
      scalars = CanonicalDecomposition.apply(scalars)
      scalars.removeAll { CharacterClass.accents.contains($0) }
    }
    if lowercases {
      var lowercase: [UInt32] = []
      lowercase.reserveCapacity(scalars.count)
      for scalar in scalars { Lowercase.append(scalar, to: &lowercase) }
      scalars = lowercase
    }
    var output: [UInt8] = []
    output.reserveCapacity(scalars.count)
    for scalar in scalars { UTF8Bytes.append(scalar, to: &output) }
    return output
  }
}
