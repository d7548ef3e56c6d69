import VignetteHub
import VignetteDatasets
import Foundation
import Synchronization

/// An HTTP server without a network: it serves `content`, and can be made to fail.
final class StandInServer: Fetching {
  struct Behaviour {
    var content: Data
    var tag = "\"1\""
    var acceptsRanges = true
    /// The connection breaks after so many bytes of a response.
    var breaksAfter: Int?
    /// Statuses that the next requests are answered with.
    var refusals: [Int] = []
    var announced: Int?
  }

  struct Broken: Error {}

  let behaviour: Mutex<Behaviour>
  let requests = Mutex<[[String: String]]>([])

  init(_ content: Data) { behaviour = Mutex(Behaviour(content: content)) }

  func change(_ body: (inout Behaviour) -> Void) { behaviour.withLock { body(&$0) } }

  func send(_ request: FetchRequest) async throws -> FetchResponse {
    let headers = request.headers
    requests.withLock { $0.append(headers) }
    return behaviour.withLock { behaviour in
      if !behaviour.refusals.isEmpty { return response(behaviour.refusals.removeFirst(), [:], [], nil) }
      let total = behaviour.content.count
      let asked = headers["Range"].flatMap { Int($0.dropFirst("bytes=".count).dropLast()) } ?? 0
      let isSame = headers["If-Range"].map { $0 == behaviour.tag } ?? true
      if asked > 0 && asked >= total && isSame {
        return response(416, ["Content-Range": "bytes */\(total)"], [], nil)
      }
      if asked > 0 && isSame && behaviour.acceptsRanges {
        let headers = ["content-range": "bytes \(asked)-\(total - 1)/\(total)", "etag": behaviour.tag]
        return response(206, headers, behaviour.content.dropFirst(asked), behaviour.breaksAfter)
      }
      let headers = ["content-length": "\(behaviour.announced ?? total)", "etag": behaviour.tag]
      return response(200, headers, behaviour.content, behaviour.breaksAfter)
    }
  }

  private func response(
    _ status: Int, _ headers: [String: String], _ content: some Collection<UInt8>, _ breaksAfter: Int?
  ) -> FetchResponse {
    let sent = Array(content.prefix(breaksAfter ?? .max))
    let isBroken = sent.count < content.count
    let body = AsyncThrowingStream<[UInt8], any Error> { stream in
      for start in stride(from: 0, to: sent.count, by: 100) {
        stream.yield(Array(sent[start..<min(start + 100, sent.count)]))
      }
      stream.finish(throwing: isBroken ? Broken() : nil)
    }
    return FetchResponse(status: status, headers: headers, body: body)
  }
}
