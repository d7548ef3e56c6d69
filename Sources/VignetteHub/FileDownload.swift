public import Foundation
import VignetteFiles

/// Fetches a file, going on where an earlier attempt was interrupted.
///
/// What has arrived is kept in `NAME.part` beside the file, and what the server said to recognise it by in
/// `NAME.part.tag`, so that a file that has changed meanwhile is fetched anew.
public struct FileDownload: Sendable {
  public let url: URL
  public let destination: URL
  /// How often in a row a request may fail without a byte arriving.
  public var attempts = 5
  /// The pause after the first failure; each further one is twice as long.
  public var pause: Duration = .seconds(1)

  public init(_ url: URL, to destination: URL) {
    self.url = url
    self.destination = destination
  }

  /// The unfinished file.
  public var part: URL { destination.appendingPathExtension("part") }
  private var tag: URL { part.appendingPathExtension("tag") }

  /// Fetches what is missing of `part`.
  ///
  /// - Parameter progress: Is told how many bytes there are, and how many there will be: when a response begins, so
  ///   that what was there before it is known, and as bytes arrive.
  /// - Throws: ``DownloadError``, `GrowingFile`'s errors, `CancellationError`.
  public func fetch(
    using client: some Fetching, progress: (_ received: Int, _ total: Int?) -> Void = { _, _ in }
  ) async throws {
    var file = try GrowingFile(at: part)
    guard file.lock() else { throw DownloadError.busy(path: part.path) }
    var failures = 0
    while true {
      let before = file.count
      do {
        if try await request(client, &file, progress) { break }
        throw interrupted(file, "the connection was closed")
      } catch {
        try Task.checkCancellation()
        let known = error as? DownloadError
        if error is GrowingFile.WriteError { throw error }
        failures = file.count > before ? 1 : failures + 1
        guard known?.isPassing ?? true, failures < attempts else {
          throw known ?? interrupted(file, "\(error)")
        }
        try await Task.sleep(for: pause * (1 << min(failures - 1, 6)))
      }
    }
    try file.sync()
    try? FileManager.default.removeItem(at: tag)
  }

  private func interrupted(_ file: borrowing GrowingFile, _ reason: String) -> DownloadError {
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
      guard file.count > 0 else { throw DownloadError.refused(url: url.absoluteString, status: 416) }
      try file.truncate()
      return false
    default:
      throw DownloadError.refused(url: url.absoluteString, status: response.status)
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
    if let known = try? String(contentsOf: tag, encoding: .utf8), !known.isEmpty {
      headers["If-Range"] = known
    }
    return headers
  }

  // A weak entity tag says too little to join parts by.
  private func keepTag(_ response: FetchResponse) throws {
    let strong = response["ETag"].flatMap { $0.hasPrefix("W/") ? nil : $0 }
    try Data((strong ?? response["Last-Modified"] ?? "").utf8).write(to: tag)
  }

  private func bad(_ problem: String) -> DownloadError {
    .badResponse(url: url.absoluteString, problem: problem)
  }
}
