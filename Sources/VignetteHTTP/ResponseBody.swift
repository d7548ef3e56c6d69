import AsyncHTTPClient
import NIOCore

/// A response's bytes as they arrive, with errors that people can read.
struct ResponseBody: AsyncSequence, Sendable {
  let body: HTTPClientResponse.Body
  let options: HTTPFetcher.Options

  struct AsyncIterator: AsyncIteratorProtocol {
    var bytes: HTTPClientResponse.Body.AsyncIterator
    let options: HTTPFetcher.Options

    mutating func next() async throws -> [UInt8]? {
      do {
        return try await bytes.next().map { Array(buffer: $0) }
      } catch {
        throw ConnectionError(error, options)
      }
    }
  }

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(bytes: body.makeAsyncIterator(), options: options)
  }
}
