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
