import Foundation
import VignetteCheckpoints
import VignetteFiles

/// What a progress bar counts.
public enum ProgressUnit: Sendable, Hashable, ExpressibleByStringLiteral {
  /// Things, named in the plural: `steps`, `captions`.
  case things(String)
  case bytes

  public init(stringLiteral name: String) { self = .things(name) }

  /// `126/300`, `126 steps`, `1.21 GB/19.3 GB`.
  func count(_ completed: Int, of total: Int?) -> String {
    switch self {
    case .things(let name): total.map { "\(completed)/\($0)" } ?? "\(completed) \(name)"
    case .bytes: ([completed] + [total].compactMap(\.self)).map { "\(ByteCount($0))" }.joined(separator: "/")
    }
  }

  /// `5.90 steps/s`, `11.3 MB/s`.
  func rate(_ perSecond: Double) -> String {
    switch self {
    case .things(let name):
      String(format: perSecond < 10 ? "%.2f" : perSecond < 100 ? "%.1f" : "%.0f", perSecond) + " \(name)/s"
    case .bytes: "\(ByteCount(perSecond))/s"
    }
  }
}
