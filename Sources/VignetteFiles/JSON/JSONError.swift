import Foundation

/// A JSON document that can't be read, or that holds something other than its reader needs.
public struct JSONError: PlainError, Equatable {
  /// Where the fault is.
  public enum Position: Sendable, Equatable {
    /// Counted from one; the column in Unicode scalars.
    case line(Int, column: Int)
    /// The dotted path of a value, `encoder.hidden_size`; empty for the whole document.
    case key(String)
  }

  public let file: String
  public let position: Position
  public let problem: String

  package init(file: String, _ position: Position, _ problem: String) {
    self.file = file
    self.position = position
    self.problem = problem
  }

  /// The dotted path of the value at fault, where that is known.
  public var key: String? {
    if case .key(let key) = position { key } else { nil }
  }

  public var description: String {
    let problem = Excerpt(problem: problem)
    return switch position {
    case .line(let line, let column): "\(file):\(line):\(column): \(problem)"
    case .key(""): "\(file): \(problem)"
    case .key(let key): "\(file): \(Excerpt(key)): \(problem)"
    }
  }
}

extension JSONError {
  /// A fault in `bytes`, the contents of `file`, by its line.
  package init(file: String, bytes: UnsafeRawBufferPointer, fault: JSONFault) {
    let (line, column) = fault.lineAndColumn(in: bytes)
    self.init(
      file: file, .line(line, column: column),
      fault.isMismatch && !fault.path.isEmpty ? "\(fault.path): \(fault.problem)" : fault.problem)
  }

  /// A value other than `expected`.
  init(file: String, key: String, expected: String, found: String) {
    self.init(file: file, .key(key), "expected \(expected), found \(found)")
  }
}

extension JSONFault {
  /// Counted from one; the column in Unicode scalars.
  package func lineAndColumn(in bytes: UnsafeRawBufferPointer) -> (line: Int, column: Int) {
    let before = bytes[..<min(position, bytes.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return (
      1 + before.count { $0 == UInt8(ascii: "\n") }, 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 }
    )
  }
}
