import VignetteHub
import VignetteDatasets
import VignetteHTTP
import Foundation
import Synchronization
import VignetteTestServer
import VignetteTestSupport
import Testing

/// Downloads over real sockets, from a server of the test's own.
@Suite struct HTTPFetcherTests: Sendable {
  private static let name = "file.zip"
  private let folder: TemporaryFolder
  private let server: TestServer
  /// Large enough to come in several pieces.
  private let content = Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 * 31 >> 3) })

  init() throws {
    folder = try TemporaryFolder()
    server = try TestServer([Self.name: content])
  }

  private func fetch(
    from url: URL? = nil, idle: Duration = .seconds(3600), _ change: (inout FileDownload) -> Void = { _ in }
  ) async throws -> Data {
    let url = url ?? server.url.appendingPathComponent(Self.name)
    var download = FileDownload(url, to: folder.url.appendingPathComponent(Self.name))
    download.pause = .zero
    change(&download)
    var options = HTTPFetcher.Options()
    options.idleTimeout = idle
    try await HTTPFetcher.withFetcher(options) { [download] in try await download.fetch(using: $0) }
    return try Data(contentsOf: download.part)
  }

  private func message(_ body: () async throws -> some Any) async -> String {
    do {
      _ = try await body()
      return "nothing was thrown"
    } catch {
      return "\(error)"
    }
  }

  private func takeRanges() -> [String?] { server.takeRequests().map(\.range) }

  @Test func fetchesInOneGo() async throws {
    #expect(try await fetch() == content)
    #expect(takeRanges() == [nil])
  }

  @Test func goesOnWhereTheConnectionWasCut() async throws {
    server.change { $0.faults = [.cut(after: 300_000), .cut(after: 200_000)] }
    #expect(try await fetch() == content)
    let requests = server.takeRequests()
    #expect(requests.map(\.ifRange) == [nil, "\"1\"", "\"1\""])
    let starts = requests.compactMap(\.start)
    // The client may drop bytes that had just come when the connection was cut.
    #expect(starts.count == 2 && (1...300_000).contains(starts[0]))
    #expect(starts[0] < starts[1] && starts[1] <= starts[0] + 200_000)
  }

  @Test func startsAnewWhereRangesAreUnknown() async throws {
    server.change {
      $0.faults = [.cut(after: 300_000)]
      $0.acceptsRanges = false
    }
    #expect(try await fetch() == content)
    #expect(server.takeRequests().compactMap(\.start).count == 1)
  }

  @Test func startsAnewWhenTheFileChanged() async throws {
    server.change { $0.faults = [.cut(after: 300_000)] }
    let text = await message { try await fetch { $0.attempts = 1 } }
    #expect(text.contains("the download stopped after "), "\(text)")
    #expect(
      text.hasSuffix(
        "bytes: the server closed the connection; what has arrived is kept, to go on from there"),
      "\(text)")
    let changed = Data(repeating: 7, count: 400_000)
    server.change {
      $0.files[Self.name] = changed
      $0.tag = "\"2\""
    }
    #expect(try await fetch() == changed)
    let requests = server.takeRequests()
    #expect(requests.map(\.ifRange) == [nil, "\"1\""] && requests[1].start != nil)
  }

  @Test(arguments: [0, 300_000])
  func givesUpASilentServerAndTriesAgain(after count: Int) async throws {
    server.change { $0.faults = [.stall(after: count)] }
    #expect(try await fetch(idle: .seconds(1)) { $0.attempts = 1000 } == content)
    let requests = server.takeRequests()
    // On a machine that is busy, the time may be over before all has arrived that was sent.
    #expect(requests.count >= 2 && (requests[1].start ?? 0) <= count)

    server.change { $0.faults = [.stall(after: 0)] }
    let text = await message {
      try await fetch(idle: .milliseconds(200)) {
        $0 = FileDownload($0.url, to: folder.url.appendingPathComponent("other.zip"))
        $0.attempts = 1
      }
    }
    #expect(text.hasSuffix("nothing could be fetched: the server was silent for 0.2 seconds"), "\(text)")
  }

  @Test func followsRedirectsAlsoWhenGoingOn() async throws {
    let first = server.url.appendingPathComponent("old.zip")
    let location = server.url.appendingPathComponent(Self.name).absoluteString
    server.change { $0.faults = [.redirect(to: location), .cut(after: 300_000), .redirect(to: location)] }
    #expect(try await fetch(from: first) == content)
    let requests = server.takeRequests()
    #expect(requests.map(\.path) == ["old.zip", Self.name, "old.zip", Self.name])
    let starts = requests.map(\.start)
    #expect(starts[0] == nil && starts[1] == nil && starts[2] != nil && starts[2] == starts[3])
  }

  @Test func refusesRedirectsWithoutEnd() async {
    let url = server.url.appendingPathComponent(Self.name).absoluteString
    server.change { $0.faults = [.redirect(to: url)] }
    #expect(await message { try await fetch() } == "\(url): the server redirects without end")
  }

  @Test func saysWhatIsNotThere() async {
    let url = server.url.appendingPathComponent("none.zip")
    #expect(
      await message { try await fetch(from: url) } == "\(url): the server answered with status 404")
    #expect(takeRanges().count == 1)
  }

  @Test func triesAgainWhenTheServerIsBusy() async throws {
    server.change { $0.faults = [.status(503), .status(429)] }
    #expect(try await fetch() == content)
    #expect(takeRanges().count == 3)
  }

  @Test func saysThatNobodyListens() async throws {
    // A port that was free a moment ago, of a server that is gone.
    let url = try TestServer([:]).stopped().appendingPathComponent(Self.name)
    let text = await message { try await fetch(from: url) { $0.attempts = 2 } }
    #expect(
      text
        == "\(url): nothing could be fetched: Connection refused",
      "\(text)")
  }

  /// A proxy is asked for the way to the server, whose name it alone needs to know.
  @Test func requestsGoThroughTheProxy() async throws {
    var options = HTTPFetcher.Options()
    options.proxies = try ProxySettings(environment: ["http_proxy": server.url.absoluteString])
    let url = try #require(URL(string: "http://hub.invalid/file"))
    _ = await message { try await HTTPFetcher.withFetcher(options) { try await $0.fetch(url) } }
    #expect(server.takeRequests().map(\.path) == ["hub.invalid:80"])
  }

  /// Credentials stay with the server that they were meant for.
  @Test func redirectsToOthersGetNoCredentials() async throws {
    let other = try TestServer([Self.name: content])
    let location = other.url.appendingPathComponent(Self.name).absoluteString
    for (target, expected) in [(location, nil), (Self.name, "secret")] as [(String, String?)] {
      let recorder = Recorder(target)
      _ = try await recorder.fetch(
        server.url.appendingPathComponent("old"), headers: ["authorization": "secret"])
      #expect(recorder.seen.withLock { $0 } == ["secret", expected])
    }
  }

  /// Redirects once, and notes who says who he is.
  private final class Recorder: Fetching {
    let seen = Mutex<[String?]>([])
    private let location: String

    init(_ location: String) { self.location = location }

    func send(_ request: FetchRequest) async throws -> FetchResponse {
      let count = seen.withLock {
        $0.append(request.headers["authorization"])
        return $0.count
      }
      let body = AsyncThrowingStream<[UInt8], any Error> { $0.finish() }
      return FetchResponse(
        status: count == 1 ? 302 : 200, headers: count == 1 ? ["Location": location] : [:], body: body)
    }
  }

  @Test func cancellingEndsTheDownload() async throws {
    server.change { $0.faults = [.stall(after: 300_000)] }
    let part = folder.url.appendingPathComponent("\(Self.name).part").path
    let download = Task { try await fetch() }
    while (try? size(part)) != 300_000 { try await Task.sleep(for: .milliseconds(5)) }
    download.cancel()
    await #expect(throws: CancellationError.self) { try await download.value }
    #expect(try size(part) == 300_000)
    #expect(try await fetch() == content)
    #expect(takeRanges() == [nil, "bytes=300000-"])
  }

  private func size(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
  }

  @Test func aFileIsWrittenByOneDownloadAtATime() async throws {
    let part = folder.url.appendingPathComponent("\(Self.name).part")
    server.change { $0.faults = [.stall(after: 1000)] }
    let first = Task { try await fetch() }
    while (try? size(part.path)) != 1000 { try await Task.sleep(for: .milliseconds(5)) }
    #expect(
      await message { try await fetch() } == "\(part.path): another download is writing this file")
    first.cancel()
    _ = await first.result
  }
}
