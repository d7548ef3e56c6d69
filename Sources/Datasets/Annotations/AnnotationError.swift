import Checkpoints

/// Something in an annotation file that can't be read.
public struct AnnotationError: PlainError, Equatable {
  /// Where in the file.
  public enum Place: Sendable, Equatable {
    /// Counted from one; the column in Unicode scalars.
    case line(Int, column: Int?)
    /// A dotted path: `annotations[17].caption`.
    case key(String)
    case wholeFile
  }

  public let path: String
  public let place: Place
  public let problem: String

  public init(_ path: String, _ place: Place = .wholeFile, _ problem: String) {
    self.path = path
    self.place = place
    self.problem = problem
  }

  public var description: String {
    switch place {
    case .line(let line, let column?): "\(path):\(line):\(column): \(problem)"
    case .line(let line, nil): "\(path):\(line): \(problem)"
    case .key(let key): "\(path): \(key): \(problem)"
    case .wholeFile: "\(path): \(problem)"
    }
  }
}

extension AnnotationError {
  /// A fault found in `bytes`, the contents of the file at `path`; `key` is what was being read.
  init(_ path: String, bytes: UnsafeRawBufferPointer, key: String, fault: JSONScanner.Fault) {
    if fault.isMismatch && !key.isEmpty {
      self.init(path, .key(key), fault.problem)
      return
    }
    let before = bytes[..<min(fault.position, bytes.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let line = 1 + before.count { $0 == UInt8(ascii: "\n") }
    let column = 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 }
    self.init(
      path, .line(line, column: column),
      fault.isMismatch ? fault.problem : "this is not JSON: \(fault.problem)")
  }
}
