package import Foundation
import VignetteFiles

/// Fetches a file, going on where an earlier attempt was interrupted.
///
/// What has arrived is kept in ``part``. Where the contents aren't known beforehand, what the server said to recognise
/// them by is kept in ``part`` and `.tag`, so that a file that has changed meanwhile is fetched anew.
package struct FileDownload: Sendable {
  package let url: URL
  /// The unfinished file.
  package let part: URL
  /// The size of a file whose contents the caller knows the hash of, and checks.
  package let byteCount: Int?
  /// How often in a row a request may fail without a byte arriving.
  package var attempts = 5
  /// The pause after the first failure; each further one is twice as long.
  package var pause: Duration = .seconds(1)
  /// What is said of a response that isn't the file.
  package var refusal: @Sendable (URL, FetchResponse) -> HubError = {
    .refused(url: $0.absoluteString, status: $1.status)
  }

  /// A file whose unfinished bytes are in `NAME.part` beside it.
  package init(_ url: URL, to destination: URL) {
    self.url = url
    part = destination.appendingPathExtension("part")
    byteCount = nil
  }

  /// A file of so many bytes, which the caller compares with their hash.
  package init(_ url: URL, into part: URL, byteCount: Int) {
    self.url = url
    self.part = part
    self.byteCount = byteCount
  }

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
    if let byteCount, file.count > byteCount { try file.truncate() }
    var failures = 0
    while true {
      let before = file.count
      var asked: Duration?
      do {
        if try await request(client, &file, &asked, progress) { break }
        throw interrupted(file, "the connection was closed")
      } catch {
        try Task.checkCancellation()
        // The disk's refusals; trying again won't help.
        if error is SystemError { throw error }
        let known = error as? HubError
        failures = file.count > before ? 1 : failures + 1
        guard known?.isPassing ?? true, failures < attempts,
          (asked ?? .zero) <= FetchResponse.longestPause
        else {
          if case .disconnected(let reason)? = known { throw interrupted(file, reason) }
          throw known ?? interrupted(file, "\(error)")
        }
        try await Task.sleep(for: max(asked ?? .zero, pause * (1 << min(failures - 1, 6))))
      }
    }
    try file.sync()
    if byteCount == nil { try? FileSystem.remove(tag) }
  }

  private func interrupted(_ file: borrowing GrowingFile, _ reason: String) -> HubError {
    .interrupted(url: url.absoluteString, received: file.count, reason: reason)
  }

  /// Sends one request; says whether the file is complete after it.
  ///
  /// - Parameter pause: gets how long the server asks to be left alone.
  private func request(
    _ client: some Fetching, _ file: inout GrowingFile, _ pause: inout Duration?,
    _ progress: (Int, Int?) -> Void
  ) async throws -> Bool {
    if let byteCount, file.count == byteCount {
      progress(byteCount, byteCount)
      return true
    }
    let response = try await client.fetch(url, headers: headers(resumingAt: file.count))
    var total = byteCount
    switch response.status {
    case 200:
      try file.truncate()
      try expect(response["Content-Length"].flatMap { Int($0) }, &total)
      try keepTag(response)
    case 206:
      let range = response["Content-Range"].flatMap(ContentRange.init)
      guard let range, range.start == file.count else {
        throw bad(
          "asked for bytes from \(file.count) on, the server sent \(response["Content-Range"] ?? "others")")
      }
      try expect(range.total, &total)
      if file.count == 0 { try keepTag(response) }
    case 416:
      // All of the file is here already, or it has become shorter.
      if response["Content-Range"].flatMap(ContentRange.init)?.total == file.count, file.count > 0,
        byteCount == nil
      {
        return true
      }
      guard file.count > 0 else { throw HubError.refused(url: url.absoluteString, status: 416) }
      try file.truncate()
      return false
    default:
      pause = response.retryAfter
      throw refusal(url, response)
    }
    progress(file.count, total)
    for try await bytes in response.body {
      if let total, file.count + bytes.count > total {
        throw bad("the server sent more than the \(total) bytes it announced")
      }
      try file.append(bytes)
      progress(file.count, total)
    }
    return total.map { $0 == file.count } ?? true
  }

  /// Takes over the size that the server names, which must be the one that is known.
  private func expect(_ count: Int?, _ total: inout Int?) throws {
    guard let count else { return }
    if let total, total != count { throw bad("the server has \(count) bytes, where \(total) are expected") }
    total = count
  }

  private func headers(resumingAt count: Int) -> [String: String] {
    // A compressed answer would have other positions.
    var headers = ["Accept-Encoding": "identity"]
    guard count > 0 else { return headers }
    headers["Range"] = "bytes=\(count)-"
    if byteCount == nil, let known = try? TextFile.read(tag), !known.isEmpty {
      headers["If-Range"] = known
    }
    return headers
  }

  // A weak entity tag says too little to join parts by.
  private func keepTag(_ response: FetchResponse) throws {
    guard byteCount == nil else { return }
    let strong = response["ETag"].flatMap { $0.hasPrefix("W/") ? nil : $0 }
    try AtomicFile.write(Data((strong ?? response["Last-Modified"] ?? "").utf8), to: tag)
  }

  private func bad(_ problem: String) -> HubError {
    .badResponse(url: url.absoluteString, problem: problem)
  }
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
