#if Network
  import Foundation
  import HTTPTypes
  import Hummingbird
  import NIOCore
  import Synchronization

  /// Bytes that all requests hold together.
  final class HeldBytes: Sendable {
    private let limit: Int
    private let count = Mutex(0)

    init(limit: Int) { self.limit = limit }

    /// - Throws: where there are too many.
    func take(_ bytes: Int) throws(RequestError) {
      let isTaken = count.withLock { count in
        guard bytes <= limit - count else { return false }
        count += bytes
        return true
      }
      if !isTaken { throw .noMemoryForBody }
    }

    func giveBack(_ bytes: Int) { count.withLock { $0 -= bytes } }

    var current: Int { count.withLock { $0 } }
  }

  /// A request's body, which counts as held as long as this lives.
  final class HeldBody: Sendable {
    private let held: HeldBytes
    private let taken = Mutex(0)

    init(_ held: HeldBytes) { self.held = held }

    deinit { held.giveBack(taken.withLock { $0 }) }

    func take(_ bytes: Int) throws(RequestError) {
      try held.take(bytes)
      taken.withLock { $0 += bytes }
    }
  }

  /// Receives bodies, within limits of bytes and time.
  struct BodyReader: Sendable {
    let limits: ServerLimits
    let held: HeldBytes

    /// Beside the bytes themselves: as text of a JSON value, and decoded from base64 or cut into parts.
    private static let copies = 3

    /// - Throws: `RequestError` where the body is too large, too slow or cut off.
    func read(_ request: Request) async throws -> (bytes: [UInt8], held: HeldBody) {
      let hold = HeldBody(held)
      let expected = try expectedCount(request.headers)
      if let expected { try hold.take(Self.copies * expected) }
      let bytes = try await withDeadline(limits.bodyTimeout, else: .bodyIsTooSlow(limits.bodyTimeout)) {
        try await collect(request.body, expected: expected, hold)
      }
      return (bytes, hold)
    }

    private func expectedCount(_ headers: HTTPFields) throws(RequestError) -> Int? {
      if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" {
        throw RequestError(
          .unsupportedMediaType, "unsupported_encoding", "Content-Encoding \"\(encoding)\" is not supported")
      }
      guard let text = headers[.contentLength] else { return nil }
      guard let count = Int(text), count >= 0 else { throw .invalid("Content-Length is no number") }
      guard count <= limits.bodyBytes else { throw .bodyIsTooLarge(limit: limits.bodyBytes) }
      return count
    }

    private func collect(
      _ body: RequestBody, expected: Int?, _ hold: HeldBody
    ) async throws -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(expected ?? 0)
      do {
        for try await part in body {
          guard part.readableBytes <= limits.bodyBytes - bytes.count else {
            throw RequestError.bodyIsTooLarge(limit: limits.bodyBytes)
          }
          if expected == nil { try hold.take(Self.copies * part.readableBytes) }
          bytes.append(contentsOf: part.readableBytesView)
        }
      } catch let error as RequestError {
        throw error
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        throw RequestError.bodyIsCutOff
      }
      try Task.checkCancellation()
      if let expected, bytes.count < expected { throw RequestError.bodyIsCutOff }
      return bytes
    }
  }

  /// Runs `body`, and cancels it after a time.
  ///
  /// - Throws: `timeout` then; what `body` throws.
  func withDeadline<Value: Sendable>(
    _ limit: Duration, else timeout: RequestError, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      guard let value = try await group.next(), let value else { throw timeout }
      return value
    }
  }
#endif
