/// The difference of two texts with the same lines but for their contents, as `diff -u` shows it and `patch` takes it.
struct UnifiedDiff {
  /// The lines around a change that are shown with it.
  private static let context = 3

  private let old: [ArraySlice<UInt8>]
  private let new: [ArraySlice<UInt8>]
  private let name: String

  /// - Parameter name: the file's path.
  init(_ old: [UInt8], _ new: [UInt8], name: String) {
    (self.old, self.new, self.name) = (Self.lines(old), Self.lines(new), name)
  }

  /// Bytes as they stand in the texts; none where these are equal.
  var bytes: [UInt8] {
    let hunks = hunks
    guard !hunks.isEmpty else { return [] }
    return hunks.reduce(into: Array("--- a/\(name)\n+++ b/\(name)\n".utf8)) { $0 += text(of: $1) }
  }

  /// Lines with their ends; a last one without an end, too.
  private static func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? text.count
      lines.append(text[start..<end])
      start = end
    }
    return lines
  }

  /// The ranges of lines that are shown together.
  private var hunks: [Range<Int>] {
    let changed = zip(old, new).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
    return changed.reduce(into: []) { hunks, line in
      let end = min(line + Self.context + 1, old.count)
      if let last = hunks.last, line - Self.context <= last.upperBound {
        hunks[hunks.count - 1] = last.lowerBound..<end
      } else {
        hunks.append(max(0, line - Self.context)..<end)
      }
    }
  }

  private func text(of hunk: Range<Int>) -> [UInt8] {
    let place = "\(hunk.lowerBound + 1),\(hunk.count)"
    var text = Array("@@ -\(place) +\(place) @@\n".utf8)
    var index = hunk.lowerBound
    while index < hunk.upperBound {
      if old[index] == new[index] {
        text += line(" ", old[index])
        index += 1
        continue
      }
      let end = (index..<hunk.upperBound).first { old[$0] == new[$0] } ?? hunk.upperBound
      for changed in index..<end { text += line("-", old[changed]) }
      for changed in index..<end { text += line("+", new[changed]) }
      index = end
    }
    return text
  }

  private func line(_ mark: String, _ line: ArraySlice<UInt8>) -> [UInt8] {
    Array(mark.utf8) + line
      + (line.last == UInt8(ascii: "\n") ? [] : Array("\n\\ No newline at end of file\n".utf8))
  }
}
