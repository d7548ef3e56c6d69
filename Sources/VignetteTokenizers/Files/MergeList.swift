import VignetteFiles

/// Merges as a file lists them, by name.
struct MergeList {
  /// The left and right tokens of all merges one after another.
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  var count: Int { ends.count / 2 }

  /// Reads the `merges` of a tokenizer.json: `["a b", …]` or `[["a", "b"], …]`.
  init(_ cursor: inout JSONCursor) throws(JSONFault) {
    try cursor.elements { (cursor) throws(JSONFault) in
      if cursor.peek() == UInt8(ascii: "[") {
        let before = ends.count
        try cursor.elements { (cursor) throws(JSONFault) in try cursor.text().withBytes { append($0) } }
        guard ends.count == before + 2 else { throw cursor.fault("a merge that is no pair") }
      } else {
        try cursor.text().withBytes { (line) throws(JSONFault) in
          guard append(line: line) else { throw cursor.fault("a merge that is no pair") }
        }
      }
    }
  }

  /// Reads a merges.txt: a pair a line, after a line `#version`.
  init(lines text: UnsafeBufferPointer<UInt8>, file: String) throws {
    var number = 0
    var start = 0
    while start < text.count {
      number += 1
      let newLine = text[start...].firstIndex(of: 0x0A) ?? text.count
      var end = newLine
      if end > start, text[end - 1] == 0x0D { end -= 1 }
      let line = UnsafeBufferPointer(rebasing: text[start..<end])
      start = newLine + 1
      if line.starts(with: "#version".utf8) { continue }
      guard append(line: line) else {
        throw TokenizerError.invalid(file: file, problem: "line \(number) is no pair of tokens")
      }
    }
  }

  private mutating func append(line: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let space = line.firstIndex(of: 0x20), !line[(space + 1)...].contains(0x20) else { return false }
    append(UnsafeBufferPointer(rebasing: line[..<space]))
    append(UnsafeBufferPointer(rebasing: line[(space + 1)...]))
    return true
  }

  private mutating func append(_ token: UnsafeBufferPointer<UInt8>) {
    bytes.append(contentsOf: token)
    ends.append(bytes.count)
  }

  /// Looks the tokens up.
  ///
  /// - Throws: ``TokenizerError/invalid(file:problem:)`` where a merge names or makes a token that isn't there.
  func table(_ vocabulary: Vocabulary, file: String) throws -> MergeTable {
    var table = MergeTable(capacity: count)
    try bytes.withUnsafeBufferPointer { bytes in
      var start = 0
      for rank in 0..<count {
        let left = UnsafeBufferPointer(rebasing: bytes[start..<ends[2 * rank]])
        let right = UnsafeBufferPointer(rebasing: bytes[ends[2 * rank]..<ends[2 * rank + 1]])
        start = ends[2 * rank + 1]
        guard let leftID = vocabulary.id(of: left), let rightID = vocabulary.id(of: right),
          let id = vocabulary.id(of: left, followedBy: right)
        else {
          let pair = [left, right].map { "\"\(String(decoding: $0, as: UTF8.self))\"" }.joined(
            separator: " and ")
          throw TokenizerError.invalid(
            file: file,
            problem: "merge \(rank + 1) joins \(pair), but the vocabulary lacks one of them or the result")
        }
        table.append(leftID, rightID, id: id)
      }
    }
    return table
  }
}
