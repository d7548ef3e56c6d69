import VignetteFiles

/// The text of a page as bytes in which ASCII means what it says, and the way back to how it is stored.
struct PageText {
  private enum Encoding {
    /// UTF-8, or another one that has ASCII in it.
    case bytes
    case utf16(isBigEndian: Bool)
  }

  let bytes: [UInt8]
  private let encoding: Encoding
  private let mark: [UInt8]

  /// Nil for a text in an encoding where bytes of ASCII can be parts of other characters.
  init?(_ stored: [UInt8]) {
    if stored.starts(with: [0xFF, 0xFE]) || stored.starts(with: [0xFE, 0xFF]) {
      let isBigEndian = stored[0] == 0xFE
      guard stored.count.isMultiple(of: 2) else { return nil }
      let units = stride(from: 2, to: stored.count, by: 2).map { index in
        let (first, second) = (UInt16(stored[index]), UInt16(stored[index + 1]))
        return isBigEndian ? first << 8 | second : second << 8 | first
      }
      guard let text = String(validating: units, as: UTF16.self) else { return nil }
      bytes = Array(text.utf8)
      encoding = .utf16(isBigEndian: isBigEndian)
      mark = Array(stored[..<2])
      return
    }
    let mark: [UInt8] = stored.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(stored[..<3]) : []
    // Zeros are none of a text's, and escapes begin the character sets of ISO 2022.
    guard !stored.contains(0), !stored.contains(0x1B) else { return nil }
    bytes = Array(stored[mark.count...])
    encoding = .bytes
    self.mark = mark
  }

  /// Another text as this one is stored.
  func stored(_ text: [UInt8]) -> [UInt8] {
    guard case .utf16(let isBigEndian) = encoding else { return mark + text }
    return String(decoding: text, as: UTF8.self).utf16.reduce(into: mark) { result, unit in
      let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
      result += isBigEndian ? [high, low] : [low, high]
    }
  }

  /// Whether the text is known to be Unicode, so that any character can be written; else those beyond ASCII are written as
  /// references.
  ///
  /// - Parameter isPlain: whether it is Unicode where nothing tells, as Markdown is.
  func isUnicode(unlessTold isPlain: Bool) -> Bool {
    guard mark.isEmpty else { return true }
    guard bytes.allSatisfy({ $0 < 0x80 }) else { return String(validating: bytes, as: UTF8.self) != nil }
    if isPlain { return true }
    let head = String(decoding: bytes.prefix(2048), as: UTF8.self).lowercased()
    return head.contains(/charset\s*=\s*["']?utf-8/) || head.contains(/encoding\s*=\s*["']utf-8/)
  }
}

/// Where a text's lines end.
struct LineEnds {
  private let positions: [Int]

  init(_ bytes: [UInt8]) { positions = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") } }

  /// The line that a position is in, from 1.
  func line(of position: Int) -> Int {
    var (low, high) = (0, positions.count)
    while low < high {
      let middle = (low + high) / 2
      if positions[middle] < position { low = middle + 1 } else { high = middle }
    }
    return low + 1
  }
}
