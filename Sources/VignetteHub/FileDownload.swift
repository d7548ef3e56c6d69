package import Foundation
import VignetteFiles

/// Fetches a file, going on where an earlier attempt was interrupted.
///
/// What has arrived is kept in `NAME.part` beside the file, and what the server said to recognise it by in
/// `NAME.part.tag`, so that a file that has changed meanwhile is fetched anew.
package struct FileDownload: Sendable {
  package let url: URL
  package let destination: URL
  /// How often in a row a request may fail without a byte arriving.
  package var attempts = 5
  /// The pause after the first failure; each further one is twice as long.
  package var pause: Duration = .seconds(1)

  package init(_ url: URL, to destination: URL) {
    self.url = url
    self.destination = destination
  }

  /// The unfinished file.
  package var part: URL { destination.appendingPathExtension("part") }
  private var tag: URL { part.appendingPathExtension("tag") }

  /// Fetches what is missing of `part`.
  ///
  /// - Parameter progress: Gets how many bytes there are, and how many there will be: when a response begins, so
  ///   that what was there before it is known, and as bytes arrive.
  /// - Throws: ``HubError``, ``SystemError``, `CancellationError`.
  package func fetch(
    using client: some Fetching, progress: (_ received: Int, _ total: Int?) -> Void = { _, _ in }
  ) async throws {
    var file = try GrowingFile(at: part)
    guard file.lock() else { throw HubError.busy(path: part.path) }
    var failures = 0
    while true {
      let before = file.count
      do {
        if try await request(client, &file, progress) { break }
        throw interrupted(file, "the connection was closed")
      } catch {
        try Task.checkCancellation()
        // The disk's refusals; trying again won't help.
        if error is SystemError { throw error }
        let known = error as? HubError
        failures = file.count > before ? 1 : failures + 1
        guard known?.isPassing ?? true, failures < attempts else {
          if case .disconnected(let reason)? = known { throw interrupted(file, reason) }
          throw known ?? interrupted(file, "\(error)")
        }
        try await Task.sleep(for: pause * (1 << min(failures - 1, 6)))
      }
    }
    try file.sync()
    try? FileSystem.remove(tag)
  }

  private func interrupted(_ file: borrowing GrowingFile, _ reason: String) -> HubError {
    .interrupted(url: url.absoluteString, received: file.count, reason: reason)
  }

  /// Sends one request; says whether the file is complete after it.
  private func request(
    _ client: some Fetching, _ file: inout GrowingFile, _ progress: (Int, Int?) -> Void
  ) async throws -> Bool {
    let response = try await client.fetch(url, headers: headers(resumingAt: file.count))
    let total: Int?
    switch response.status {
    case 200:
      try file.truncate()
      total = response["Content-Length"].flatMap { Int($0) }
      try keepTag(response)
    case 206:
      let range = response["Content-Range"].flatMap(ContentRange.init)
      guard let range, range.start == file.count else {
        throw bad(
          "asked for bytes from \(file.count) on, the server sent \(response["Content-Range"] ?? "others")")
      }
      total = range.total
      if file.count == 0 { try keepTag(response) }
    case 416:
      // All of the file is here already, or it has become shorter.
      if response["Content-Range"].flatMap(ContentRange.init)?.total == file.count, file.count > 0 {
        return true
      }
      guard file.count > 0 else { throw HubError.refused(url: url.absoluteString, status: 416) }
      try file.truncate()
      return false
    default:
      throw HubError.refused(url: url.absoluteString, status: response.status)
    }
    progress(file.count, total)
    for try await bytes in response.body {
      try file.append(bytes)
      progress(file.count, total)
      if let total, file.count > total {
        throw bad("the server sent more than the \(total) bytes it announced")
      }
    }
    return total.map { $0 == file.count } ?? true
  }

  private func headers(resumingAt count: Int) -> [String: String] {
    guard count > 0 else { return [:] }
    var headers = ["Range": "bytes=\(count)-"]
    if let known = try? TextFile.read(tag), !known.isEmpty {
      headers["If-Range"] = known
    }
    return headers
  }

  // A weak entity tag says too little to join parts by.
  private func keepTag(_ response: FetchResponse) throws {
    let strong = response["ETag"].flatMap { $0.hasPrefix("W/") ? nil : $0 }
    try AtomicFile.write(Data((strong ?? response["Last-Modified"] ?? "").utf8), to: tag)
  }

  private func bad(_ problem: String) -> HubError {
    .badResponse(url: url.absoluteString, problem: problem)
  }
}

/// Something that can send a GET request and follow redirects: an HTTP client, or a test's stand-in for one.
package protocol Fetching: Sendable {
  /// Sends the request and returns when the response's head is there.
  func fetch(_ url: URL, headers: [String: String]) async throws -> FetchResponse
}

/// The response to a request.
package struct FetchResponse: Sendable {
  package let status: Int
  package let body: any AsyncSequence<[UInt8], any Error> & Sendable
  private let headers: [String: String]

  package init(
    status: Int, headers: [String: String], body: any AsyncSequence<[UInt8], any Error> & Sendable
  ) {
    self.status = status
    self.headers = Dictionary(headers.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
    self.body = body
  }

  /// A header's value; upper and lower case are the same.
  package subscript(header: String) -> String? { headers[header.lowercased()] }
}

/// The `Content-Range` header of a partial response: `bytes 200-999/1000`, or `bytes */1000`.
struct ContentRange: Equatable {
  /// The first byte; nil where there was no range to satisfy.
  let start: Int?
  /// The size of the whole; nil where the server doesn't know.
  let total: Int?

  init?(_ header: String) {
    let words = header.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
    let parts = words[1].split(separator: "/")
    guard parts.count == 2 else { return nil }
    total = Int(parts[1])
    guard parts[0] != "*" else {
      start = nil
      return
    }
    let bounds = parts[0].split(separator: "-")
    guard bounds.count == 2, let start = Int(bounds[0]), let end = Int(bounds[1]), start <= end else {
      return nil
    }
    self.start = start
  }
}
