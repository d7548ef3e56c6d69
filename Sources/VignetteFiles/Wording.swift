import Foundation

/// So many bytes, as people read them: `812 B`, `1.21 GB`. A kilobyte is 1000 bytes.
package struct ByteCount: CustomStringConvertible, Sendable {
  private let count: Double

  package init(_ count: Double) { self.count = count }
  package init(_ count: Int) { self.init(Double(count)) }

  package var description: String {
    guard let unit = Self.units.first(where: { abs(count) >= $0.size }) else {
      return String(format: "%.0f B", count)
    }
    let value = count / unit.size
    return String(format: value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f", value) + " \(unit.name)"
  }

  private static let units: [(name: String, size: Double)] = [
    ("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3),
  ]
}

/// So many of something, as people say it: `1 image`, `2 images`.
package struct Quantity: CustomStringConvertible, Sendable {
  package let description: String

  /// - Parameter many: what several are called; nil where an s makes them of one.
  package init(_ count: Int, _ one: String, _ many: String? = nil) {
    description = "\(count) \(count == 1 ? one : many ?? "\(one)s")"
  }
}

/// The beginning of a text from a file, as a message can show it: however long the text is, and whatever is in it.
package struct Excerpt: CustomStringConvertible, Sendable {
  package let description: String

  /// - Parameter limit: of Unicode scalars.
  package init(_ text: some StringProtocol, limit: Int = 200) {
    let shown = text.unicodeScalars.prefix(limit)
    var excerpt = String.UnicodeScalarView()
    for scalar in shown {
      excerpt.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
    }
    if shown.endIndex < text.unicodeScalars.endIndex { excerpt.append("…") }
    description = String(excerpt)
  }

  /// What a message says, with words of a file in it: words that are too long are cut, and what is too long in all.
  package init(problem text: String) {
    guard text.utf8.count > 200 else {
      description = text
      return
    }
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    let cut = words.map { $0.utf8.count > 200 ? "\(Excerpt($0))" : String($0) }.joined(separator: " ")
    description = cut.utf8.count > 2000 ? "\(Excerpt(cut, limit: 1000))" : cut
  }

  /// A path that comes from a file: whole, unless it is longer than any path.
  package init(path: String) { self.init(path, limit: path.utf8.count > 4096 ? 200 : 4096) }
}
