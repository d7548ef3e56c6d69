import CVignetteMemory

/// How a shortage of memory within operations on tensors, which don't throw, becomes an error.
///
/// An operation that gets no memory notes that for its thread, gives a tensor without memory, and computes nothing; nor
/// do those that take the tensor. Where a computation begins (a batch of images, a step of training, a token's step) it
/// is run by ``thrown(by:lowering:_:)``, which throws what was noted. Nothing else looks at the tensors made meanwhile.
/// A fault that nobody waits for ends the program: results must not be wrong in silence.
package enum MemoryFault {
  /// Runs a computation.
  ///
  /// - Parameters:
  ///   - what: what is computed, as "captioning 8 images".
  ///   - settings: what makes it take less memory, by Hugging Face's names.
  /// - Throws: ``TensorMemoryError`` where an operation got no memory; else what `body` throws. Of computations within
  ///   each other, the outermost that has settings words the error.
  package static func thrown<Result>(
    by what: @autoclosure () -> String, lowering settings: [String] = [], _ body: () throws -> Result
  ) throws -> Result {
    let here = memory_fault_here()
    let outer = here?.pointee ?? memory_fault()
    here?.pointee = memory_fault()
    here?.pointee.scopes = outer.scopes + 1
    let result = Swift.Result { try body() }
    let fault = here?.pointee ?? memory_fault()
    here?.pointee = outer
    guard !fault.failed else { throw TensorMemoryError(fault, what(), lowering: settings) }
    do {
      return try result.get()
    } catch let error as TensorMemoryError where error.bytesAvailable == nil && !settings.isEmpty {
      throw error.of(what(), lowering: settings)
    }
  }

  /// Notes that so many bytes weren't to be had.
  static func note(_ byteCount: Int) {
    note(UInt(max(0, byteCount)), nil, "out of memory: \(byteCount) bytes were asked for")
  }

  /// Notes that a library failed where shapes fit: memory is all that it can have lacked.
  static func note(_ cause: String) { note(0, cause, cause) }

  private static func note(_ byteCount: UInt, _ cause: String?, _ message: @autoclosure () -> String) {
    guard let here = memory_fault_here(), here.pointee.scopes > 0 else { fatalError(message()) }
    memory_note_fault(Int(byteCount), cause)
  }
}

extension TensorMemoryError {
  fileprivate func of(_ what: String, lowering settings: [String]) -> TensorMemoryError {
    TensorMemoryError(
      what: what, bytesNeeded: bytesNeeded, bytesAvailable: nil, settings: settings, file: nil, cause: cause)
  }

  fileprivate init(_ fault: memory_fault, _ what: String, lowering settings: [String]) {
    let cause = withUnsafeBytes(of: fault.cause) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    self.init(
      what: what, bytesNeeded: Double(fault.bytes), bytesAvailable: nil, settings: settings, file: nil,
      cause: cause.isEmpty ? nil : cause)
  }
}
