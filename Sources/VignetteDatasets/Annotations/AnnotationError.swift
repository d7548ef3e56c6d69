import Foundation

public import VignetteFiles

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
  /// A fault found in `bytes`, the contents of the file at `path`.
  init(_ path: String, bytes: UnsafeRawBufferPointer, fault: JSONFault) {
    if fault.isMismatch && !fault.path.isEmpty {
      self.init(path, .key(fault.path), fault.problem)
      return
    }
    let error = JSONSyntaxError(file: path, bytes: bytes, fault: fault)
    self.init(
      path, .line(error.line, column: error.column),
      fault.isMismatch ? fault.problem : "this is not JSON: \(fault.problem)")
  }
}
