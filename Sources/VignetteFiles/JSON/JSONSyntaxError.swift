/// Text that is no JSON, or not what its reader needs.
public struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
  public let file: String
  /// Counted from one.
  public let line: Int
  /// Counted from one, in Unicode scalars.
  public let column: Int
  public let problem: String

  public var description: String { "\(file):\(line):\(column): \(problem)" }

  /// A fault in `bytes`, the contents of `file`.
  package init(file: String, bytes: UnsafeRawBufferPointer, fault: JSONFault) {
    let before = bytes[..<min(fault.position, bytes.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    self.file = file
    line = 1 + before.count { $0 == UInt8(ascii: "\n") }
    column = 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 }
    problem = fault.isMismatch && !fault.path.isEmpty ? "\(fault.path): \(fault.problem)" : fault.problem
  }
}
