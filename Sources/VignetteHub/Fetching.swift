public import Foundation

/// Something that can send a GET request and follow redirects: an HTTP client, or a test's stand-in for one.
public protocol Fetching: Sendable {
  /// Sends the request and returns when the response's head is there.
  func fetch(_ url: URL, headers: [String: String]) async throws -> FetchResponse
}

/// The response to a request.
public struct FetchResponse: Sendable {
  public let status: Int
  public let body: any AsyncSequence<[UInt8], any Error> & Sendable
  private let headers: [String: String]

  public init(
    status: Int, headers: [String: String], body: any AsyncSequence<[UInt8], any Error> & Sendable
  ) {
    self.status = status
    self.headers = Dictionary(headers.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
    self.body = body
  }

  /// A header's value; upper and lower case are the same.
  public subscript(header: String) -> String? { headers[header.lowercased()] }
}
