/// The parts of a Markdown text that are code or no text at all: fenced and indented blocks, code spans, front matter.
///
/// Blocks are told as CommonMark tells them, through quotes and lists, which may hold them.
struct MarkdownCode {
  private(set) var ranges: [Range<Int>] = []

  private let bytes: [UInt8]
  private var fence: Fence?
  /// The columns where the contents of the open list items begin.
  private var lists: [Int] = []
  private var quoteDepth = 0
  /// Whether an indented line would begin a block of code: it can't go on a paragraph.
  private var isAfterBlank = true

  /// Lists in each other; nobody means more.
  private static let maximumDepth = 100

  private struct Fence {
    let mark: UInt8
    let length: Int
    /// The column that it can't be left of, being inside a list.
    let column: Int
    let quoteDepth: Int
  }

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var position = Self.endOfFrontMatter(bytes)
    if position > 0 { ranges.append(0..<position) }
    while position < bytes.count {
      let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
      if isCode(position..<end) { ranges.append(position..<end) }
      position = end
    }
    addSpans()
  }

  /// A copy of a text with ranges blanked out, line ends apart, so that positions stay.
  static func masked(_ bytes: [UInt8], _ ranges: [Range<Int>]) -> [UInt8] {
    var masked = bytes
    for range in ranges {
      for index in range where bytes[index] != UInt8(ascii: "\n") && bytes[index] != UInt8(ascii: "\r") {
        masked[index] = UInt8(ascii: " ")
      }
    }
    return masked
  }

  /// Where settings in front of the text end: between lines of `---` (YAML) or `+++` (TOML).
  private static func endOfFrontMatter(_ bytes: [UInt8]) -> Int {
    for mark in ["---", "+++"] where bytes.starts(with: mark.utf8) {
      var position = 0
      var number = 0
      while position < bytes.count {
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
        let line = String(decoding: bytes[position..<end], as: UTF8.self)
        let isMark = line.prefix { !$0.isWhitespace } == mark && line.dropFirst(3).allSatisfy(\.isWhitespace)
        if number == 0, !isMark { return 0 }
        if number > 0, isMark { return end }
        position = end
        number += 1
      }
    }
    return 0
  }

  // MARK: Lines

  /// A line from some position on, with its column.
  private struct Cursor {
    var index: Int
    var column: Int
  }

  private mutating func isCode(_ line: Range<Int>) -> Bool {
    var cursor = Cursor(index: line.lowerBound, column: 0)
    let depth = skipQuotes(&cursor, line)
    if depth != quoteDepth {
      // Leaving a quote closes what is in it.
      if let open = fence, depth < open.quoteDepth { fence = nil }
      if fence == nil, depth < quoteDepth || quoteDepth == 0 { lists = [] }
      quoteDepth = depth
      isAfterBlank = true
    }
    let start = cursor.column
    skipSpace(&cursor, line)
    let isBlank = cursor.index >= line.upperBound || isLineEnd(cursor.index)
    if let open = fence {
      if !isBlank, cursor.column - start < open.column {
        // The list item that it is in has ended.
        fence = nil
      } else {
        if !isBlank, closes(open, cursor, line, start) {
          fence = nil
          isAfterBlank = true
        }
        return true
      }
    }
    if isBlank {
      isAfterBlank = true
      return false
    }
    return isCode(inItem: &cursor, line, indent: cursor.column - start)
  }

  /// A line that isn't blank and in no fence.
  private mutating func isCode(inItem cursor: inout Cursor, _ line: Range<Int>, indent: Int) -> Bool {
    while let last = lists.last, indent < last { lists.removeLast() }
    var indent = indent
    var base = lists.last ?? 0
    if indent - base >= 4, isAfterBlank { return true }
    isAfterBlank = false
    // Items may begin in each other: "- - ```".
    while indent - base < 4, lists.count < Self.maximumDepth, let width = listMarker(cursor, line) {
      let marked = cursor.column
      cursor = Cursor(index: cursor.index + width, column: cursor.column + width)
      skipSpace(&cursor, line)
      let space = cursor.column - marked - width
      // An item that begins with code, or is empty, begins one space behind its mark.
      let isEmpty = cursor.index >= line.upperBound || isLineEnd(cursor.index)
      base = indent + width + (space > 4 || isEmpty ? 1 : space)
      indent += width + space
      lists.append(base)
      if isEmpty {
        isAfterBlank = true
        return false
      }
      if space > 4 { return true }
    }
    if let mark = fenceMark(cursor, line), indent - base < 4 {
      fence = Fence(mark: mark.byte, length: mark.length, column: base, quoteDepth: quoteDepth)
      return true
    }
    if endsParagraph(cursor, line) { isAfterBlank = true }
    return false
  }

  /// Whether a line is a heading, the line below one, or a line across: no paragraph goes on behind it.
  private func endsParagraph(_ cursor: Cursor, _ line: Range<Int>) -> Bool {
    let rest = bytes[cursor.index..<line.upperBound].filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    guard let first = rest.first else { return false }
    switch first {
    case UInt8(ascii: "#"): return true
    case UInt8(ascii: "="), UInt8(ascii: "-"): return rest.allSatisfy { $0 == first }
    case UInt8(ascii: "*"), UInt8(ascii: "_"): return rest.count >= 3 && rest.allSatisfy { $0 == first }
    default: return false
    }
  }

  private func skipQuotes(_ cursor: inout Cursor, _ line: Range<Int>) -> Int {
    var depth = 0
    while true {
      var next = cursor
      skipSpace(&next, line)
      guard next.column - cursor.column < 4, next.index < line.upperBound,
        bytes[next.index] == UInt8(ascii: ">")
      else {
        return depth
      }
      // Inside a fence that isn't quoted, the mark is code.
      if let fence, depth >= fence.quoteDepth { return depth }
      cursor = Cursor(index: next.index + 1, column: next.column + 1)
      if cursor.index < line.upperBound, bytes[cursor.index] == 0x20 {
        cursor = Cursor(index: cursor.index + 1, column: cursor.column + 1)
      }
      depth += 1
    }
  }

  private func skipSpace(_ cursor: inout Cursor, _ line: Range<Int>) {
    while cursor.index < line.upperBound {
      switch bytes[cursor.index] {
      case 0x20: cursor.column += 1
      case 0x09: cursor.column += 4 - cursor.column % 4
      default: return
      }
      cursor.index += 1
    }
  }

  private func isLineEnd(_ index: Int) -> Bool { bytes[index] == 0x0A || bytes[index] == 0x0D }

  /// How long the mark of a list item is that stands at the cursor; nil for none.
  private func listMarker(_ cursor: Cursor, _ line: Range<Int>) -> Int? {
    let rest = bytes[cursor.index..<line.upperBound]
    var width = 1
    if let first = rest.first, [UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "*")].contains(first) {
      // Three of them are a line across.
      let marks = rest.filter { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
      if first != UInt8(ascii: "+"), marks.count >= 3, marks.allSatisfy({ $0 == first }) { return nil }
    } else {
      let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
      let end = cursor.index + digits
      guard (1...9).contains(digits), end < line.upperBound,
        bytes[end] == UInt8(ascii: ".") || bytes[end] == UInt8(ascii: ")")
      else { return nil }
      width = digits + 1
    }
    let next = cursor.index + width
    guard next >= line.upperBound || [0x20, 0x09, 0x0A, 0x0D].contains(bytes[next]) else { return nil }
    return width
  }

  private func fenceMark(_ cursor: Cursor, _ line: Range<Int>) -> (byte: UInt8, length: Int)? {
    let rest = bytes[cursor.index..<line.upperBound]
    guard let byte = rest.first, byte == UInt8(ascii: "`") || byte == UInt8(ascii: "~") else { return nil }
    let length = rest.prefix { $0 == byte }.count
    // What follows backticks holds none; else it is a code span.
    guard length >= 3, byte == UInt8(ascii: "~") || !rest.dropFirst(length).contains(byte) else { return nil }
    return (byte, length)
  }

  private func closes(_ fence: Fence, _ cursor: Cursor, _ line: Range<Int>, _ start: Int) -> Bool {
    let rest = bytes[cursor.index..<line.upperBound]
    let length = rest.prefix { $0 == fence.mark }.count
    return length >= fence.length && cursor.column - start - fence.column < 4
      && rest.dropFirst(length).allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
  }

  // MARK: Spans

  /// Runs of backticks and the next run as long, in one paragraph.
  private mutating func addSpans() {
    let text = Self.masked(bytes, ranges)
    var position = 0
    while let start = text[position...].firstIndex(where: {
      $0 == UInt8(ascii: "`") || $0 == UInt8(ascii: "\\")
    }) {
      if text[start] == UInt8(ascii: "\\") {
        position = min(start + 2, text.count)
        continue
      }
      let length = text[start...].prefix { $0 == UInt8(ascii: "`") }.count
      position = start + length
      if let end = Self.endOfSpan(text, from: position, length) {
        ranges.append(start..<end)
        position = end
      }
    }
  }

  private static func endOfSpan(_ text: [UInt8], from start: Int, _ length: Int) -> Int? {
    var position = start
    var isBlank = false
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: "`"):
        let run = text[position...].prefix { $0 == UInt8(ascii: "`") }.count
        if run == length { return position + run }
        position += run
        isBlank = false
        continue
      case UInt8(ascii: "\n"):
        if isBlank { return nil }
        isBlank = true
      case 0x20, 0x09, 0x0D: break
      default: isBlank = false
      }
      position += 1
    }
    return nil
  }
}
