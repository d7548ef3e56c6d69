import VignetteHTTP
import Foundation
import Synchronization
import Testing
import VignetteFiles
import VignetteHub
import VignetteTestServer
import VignetteTestSupport

/// Models fetched over real sockets, from a hub of the test's own.
@Suite struct HubPullTests: Sendable {
  static let name = "owner/captioner"
  private let folder: TemporaryFolder
  private let server: HubServer
  private let cache: HubCache
  private static let weights = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 * 31 >> 3) })

  /// What makes a model, and much that doesn't.
  static let files: [String: HubRepository.File] = [
    "config.json": .init(Data("{}".utf8), isLarge: false),
    "tokenizer.json": .init(Data(#"{"a": "ö"}"#.utf8), isLarge: false),
    "preprocessor_config.json": .init(Data("{ }".utf8), isLarge: false),
    "vocab.json": .init(Data(), isLarge: false),
    "model.safetensors": .init(weights, isLarge: true),
    "pytorch_model.bin": .init(Data([1, 2, 3]), isLarge: true),
    "tf_model.h5": .init(Data([4]), isLarge: true),
    "flax_model.msgpack": .init(Data([5]), isLarge: true),
    "onnx/model.onnx": .init(Data([6]), isLarge: true),
    "onnx/config.json": .init(Data([7]), isLarge: false),
    "model.fp16.safetensors": .init(Data([8]), isLarge: true),
    "optimizer.pt": .init(Data([9]), isLarge: true),
    "README.md": .init(Data("# A model".utf8), isLarge: false),
    ".gitattributes": .init(Data("*".utf8), isLarge: false),
  ]
  static let needed = [
    "config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json", "vocab.json",
  ]

  init() throws {
    folder = try TemporaryFolder()
    server = try HubServer([Self.name: HubRepository(Self.files)])
    cache = HubCache(at: folder.url.appendingPathComponent("hub", isDirectory: true))
  }

  @discardableResult
  private func pull(
    _ model: String = HubPullTests.name, token: String? = nil, attempts: Int = 5, into cache: HubCache? = nil,
    space: Int? = nil, progress: @Sendable (HubPull.Progress) -> Void = { _ in }
  ) async throws -> URL {
    let name = try #require(HubModelName(model))
    return try await HTTPFetcher.withFetcher { fetcher in
      var hub = HubConnection(HubSettings(endpoint: server.url, token: token), over: fetcher)
      hub.pause = .zero
      hub.attempts = attempts
      let pull = HubPull(name, into: cache ?? self.cache, from: hub)
      return try await pull.run(try await pull.plan(), availableSpace: space, progress: progress)
    }
  }

  private func message(_ body: () async throws -> some Any) async -> String {
    do {
      _ = try await body()
      return "nothing was thrown"
    } catch {
      return "\(error)"
    }
  }

  private func expectModel(_ snapshot: URL, _ files: [String: HubRepository.File] = HubPullTests.files) throws
  {
    for name in try FileManager.default.contentsOfDirectory(atPath: snapshot.path) {
      #expect(try Data(contentsOf: snapshot.appendingPathComponent(name)) == files[name]?.contents, "\(name)")
    }
  }

  /// All paths below a folder, of links with what they say.
  private func paths(_ folder: URL, below path: String = "") throws -> [String] {
    try FileName.list(folder.path).sorted().flatMap { name -> [String] in
      let item = folder.appendingPathComponent(name)
      if let target = FileSystem.linkTarget(item) { return ["\(path)\(name) -> \(target)"] }
      return FileSystem.isFolder(item) ? try paths(item, below: "\(path)\(name)/") : [path + name]
    }
  }

  // MARK: What is fetched, and where it goes

  @Test func theModelAndNothingElseIsFetchedIntoHuggingFacesLayout() async throws {
    let snapshot = try await pull()
    let commit = try #require(server[Self.name]?.commit("main"))
    #expect(try FileName.list(snapshot.path).sorted() == Self.needed)
    try expectModel(snapshot)
    #expect(try cache.resolve(Self.name).path == snapshot.path)
    #expect(try cache.resolve("\(Self.name)@\(commit)").path == snapshot.path)

    let repository = "models--owner--captioner"
    let hashes = Self.needed.compactMap { Self.files[$0]?.hash }
    let absent = ModelFileSelection.soughtNames.filter { Self.files[$0] == nil }
    let expected =
      hashes.map { ".locks/\(repository)/\($0).lock" } + ["CACHEDIR.TAG"]
      + absent.map { "\(repository)/.no_exist/\(commit)/\($0)" }
      + hashes.map { "\(repository)/blobs/\($0)" } + ["\(repository)/refs/main"]
      + zip(Self.needed, hashes).map {
        "\(repository)/snapshots/\(commit)/\($0) -> ../../blobs/\($1)"
      } + ["\(repository)/trees/\(commit).json"]
    #expect(try paths(cache.url) == expected.sorted())
    #expect(
      try Data(contentsOf: cache.url.appendingPathComponent("\(repository)/refs/main")) == Data(commit.utf8))
    let tree = try JSONValue(
      contentsOf: cache.url.appendingPathComponent("\(repository)/trees/\(commit).json"))
    #expect(
      tree["files"]?["model.safetensors"]?["lfs_sha256"]?.asString == Self.files["model.safetensors"]?.sha256)
    #expect(tree["files"]?.asObject?.count == Self.files.count)

    _ = server.takeRequests()
    try await pull()
    #expect(server.takeRequests().map(\.path) == ["/api/models/\(Self.name)/revision/main"])
  }

  @Test func filesThatCommitsShareAreFetchedOnce() async throws {
    let first = try await pull()
    var files = Self.files
    files["config.json"] = .init(Data(#"{"new": 1}"#.utf8), isLarge: false)
    server.change { [files] in $0.repositories[Self.name]?.commit(files, to: "main") }
    _ = server.takeRequests()
    let second = try await pull()
    #expect(first != second)
    try expectModel(second, files)
    #expect(server.takeRequests().filter { $0.path.contains("/resolve/") }.count == 1)
    #expect(try cache.resolve(Self.name).path == second.path)

    // Of the first, only what the second doesn't have goes.
    let name = try #require(HubModelName(Self.name))
    #expect(try cache.models().map(\.revisions).sorted { $0.count < $1.count } == [[], ["main"]])
    let removal = try CacheRemoval(name, revision: first.lastPathComponent, in: cache)
    #expect(removal.byteCount == 2 && removal.remaining == [second.lastPathComponent])
    try removal.run()
    try expectModel(cache.resolve(Self.name), files)
    #expect(try FileName.list(second.path).sorted() == Self.needed)
    try CacheRemoval(name, revision: nil, in: cache).run()
    #expect(try paths(cache.url) == ["CACHEDIR.TAG"])
    #expect(throws: HubError.notCached(name, cache: cache.url.path)) {
      try CacheRemoval(name, revision: nil, in: cache)
    }
  }

  @Test func shardsAreThoseOfTheIndex() async throws {
    let index =
      #"{"weight_map": {"b": "model-00002-of-00002.safetensors", "a": "model-00001-of-00002.safetensors"}}"#
    let files: [String: HubRepository.File] = [
      "config.json": .init(Data("{}".utf8), isLarge: false),
      "model.safetensors.index.json": .init(Data(index.utf8), isLarge: false),
      "model-00001-of-00002.safetensors": .init(Data([1]), isLarge: true),
      "model-00002-of-00002.safetensors": .init(Data([2]), isLarge: true),
      "model-00001-of-00001.safetensors": .init(Data([3]), isLarge: true),
      "pytorch_model.bin": .init(Data([4]), isLarge: true),
    ]
    server[Self.name] = HubRepository(files)
    let snapshot = try await pull()
    #expect(
      try FileName.list(snapshot.path).sorted() == [
        "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
      ])
    for (shard, problem) in [
      ("model-00003-of-00003.safetensors", "lacks model-00003-of-00003.safetensors"),
      ("../x", "expected the name of a file beside the index"),
    ] {
      var files = files
      let index = #"{"weight_map": {"a": "\#(shard)"}}"#
      files["model.safetensors.index.json"] = .init(Data(index.utf8), isLarge: false)
      server[Self.name] = HubRepository(files)
      #expect(await message { try await pull() }.contains(problem))
    }
  }

  @Test func aRepositoryWithoutAModelIsToldSo() async throws {
    for (files, problem) in [
      (
        ["model.gguf"],
        "holds no config.json, so it isn't one of Transformers' models; its GGUF files are llama.cpp's"
      ),
      (["config.json", "tf_model.h5"], "neither model.safetensors nor pytorch_model.bin"),
    ] {
      server[Self.name] = HubRepository(
        Dictionary(uniqueKeysWithValues: files.map { ($0, .init(Data([1]), isLarge: false)) }))
      let text = await message { try await pull() }
      #expect(text.hasPrefix("\(Self.name): ") && text.contains(problem), "\(text)")
    }
    #expect(!FileSystem.exists(cache.url))
  }

  @Test func aMirrorWithoutHashesIsAskedForEach() async throws {
    server.change { $0.listsHashes = false }
    try expectModel(try await pull())
    let heads = server.takeRequests().filter { $0.method == "HEAD" }
    #expect(heads.count == Self.needed.count && !heads.contains { $0.isForLargeFiles })
  }

  @Test func aRenamedRepositoryIsFound() async throws {
    server.change { $0.renamed["old/name"] = Self.name }
    let snapshot = try await pull("old/name")
    try expectModel(snapshot)
    #expect(try cache.resolve("old/name").path == snapshot.path)
  }

  @Test func branchesAndCommitsHaveTheirOwnNames() async throws {
    server.change { $0.repositories[Self.name]?.commit(Self.files, to: "refs/pr/1") }
    let commit = try #require(server[Self.name]?.commit("refs/pr/1"))
    let snapshot = try await pull("\(Self.name)@refs/pr/1")
    #expect(snapshot.lastPathComponent == commit)
    #expect(try cache.resolve("\(Self.name)@refs/pr/1").path == snapshot.path)
    #expect(throws: HubError.self) { try cache.resolve(Self.name) }
    try await pull("\(Self.name)@\(commit)")
    #expect(try FileName.list(snapshot.deletingLastPathComponent().path) == [commit])
  }

  // MARK: Interruptions

  /// Wherever a connection breaks, the next run goes on there and ends with the right bytes.
  @Test func interruptedAnywhereItGoesOn() async throws {
    let size = Self.weights.count
    for count in [0, 1, 2, 4095, 65_536, 100_000, 150_001, 262_144, size - 1, size] {
      let cache = HubCache(at: folder.url.appendingPathComponent("cut-\(count)", isDirectory: true))
      server.change { $0.faults = [.init("GET", "/objects/", .cut(after: count))] }
      let text = await message { try await pull(attempts: 1, into: cache) }
      if text != "nothing was thrown" {
        #expect(
          text.contains("what has arrived is kept, to go on from there")
            || text.contains("nothing could be fetched"), "\(text)")
        // Until then, there is no such model.
        #expect(throws: HubError.self) { try cache.resolve(Self.name) }
      }
      _ = server.takeRequests()
      try expectModel(try await pull(into: cache))
      let start = server.takeRequests().last { $0.path.hasPrefix("/objects/") }?.range ?? "bytes=0-"
      #expect(Int(start.dropFirst("bytes=".count).dropLast()).map { $0 <= count } == true, "\(start)")
      #expect(try paths(cache.url).allSatisfy { !$0.contains("incomplete") && !$0.contains("partial") })
    }
  }

  @Test func oneRunOutlivesManyInterruptions() async throws {
    server.change {
      $0.faults = [
        .init("GET", "/api/", .status(503)), .init("GET", "/api/", .cut(after: 10)),
        .init("GET", "/resolve/", .refusal(429, ["Retry-After": "0"])),
        .init("GET", "/objects/", .cut(after: 100_000)), .init("GET", "/objects/", .cut(after: 50_000)),
        .init("GET", "/resolve/", after: 4, .status(500)),
      ]
    }
    let counts = Mutex<[Int]>([])
    let snapshot = try await pull { progress in
      if case .fetching(let count) = progress { counts.withLock { $0.append(count) } }
    }
    try expectModel(snapshot)
    let total = Self.needed.reduce(0) { $0 + (Self.files[$1]?.contents.count ?? 0) }
    #expect(counts.withLock { $0.last } == total)
    #expect(counts.withLock { $0 == $0.sorted() })
  }

  /// A part that was damaged while it lay there, as by a power cut, is thrown away.
  @Test func aDamagedPartIsFetchedAnew() async throws {
    let hash = try #require(Self.files["model.safetensors"]?.hash)
    for rest in [
      Data(repeating: 0, count: 1000), Data(repeating: 0, count: Self.weights.count),
      Data(repeating: 0, count: Self.weights.count + 1),
    ] {
      let cache = HubCache(at: folder.url.appendingPathComponent("\(rest.count)", isDirectory: true))
      let part = cache.url.appendingPathComponent("models--owner--captioner/blobs/\(hash).incomplete")
      try FolderMaker.make(part.deletingLastPathComponent())
      try rest.write(to: part)
      try expectModel(try await pull(into: cache))
    }
  }

  /// Another process that fetches the same file, Python's or this program's, is waited for.
  @Test func alreadyFetchingProcessesAreWaitedFor() async throws {
    let hash = try #require(Self.files["model.safetensors"]?.hash)
    let repository = CachedRepository(try #require(HubModelName(Self.name)), in: cache)
    var lock = try FileLock(tryingAt: repository.lock(hash))
    #expect(lock != nil)
    let isWaiting = Mutex(false)
    let task = Task {
      try await pull { progress in
        if progress == .waiting(file: "model.safetensors") { isWaiting.withLock { $0 = true } }
      }
    }
    while !isWaiting.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
    // It comes to an end there.
    try Self.weights.write(to: repository.blob(hash))
    withExtendedLifetime(lock) {}
    lock = nil
    try expectModel(try await task.value)
    #expect(!server.takeRequests().contains { $0.isForLargeFiles })
  }

  // MARK: What isn't trusted

  @Test func damagedFilesGetNoName() async throws {
    for (file, path, fault, problem) in [
      ("model.safetensors", "/objects/", .damage, "what arrived from \(server.url)"),
      ("tokenizer.json", "tokenizer.json", .damage, "is damaged and was removed"),
      ("model.safetensors", "/objects/", .shorten(by: 1), "299999 bytes, where 300000 are expected"),
    ] as [(String, String, TestServer.Fault, String)] {
      let cache = HubCache(at: folder.url.appendingPathComponent(UUID().uuidString, isDirectory: true))
      server.change { $0.faults = [.init("GET", path, fault)] }
      let text = await message { try await pull(into: cache) }
      #expect(text.contains(problem), "\(text)")
      let repository = cache.url.appendingPathComponent("models--owner--captioner")
      let hash = try #require(Self.files[file]?.hash)
      #expect(try !FileName.list(repository.appendingPathComponent("blobs").path).contains(hash))
      #expect(!FileSystem.exists(repository.appendingPathComponent("refs/main")))
      try expectModel(try await pull(into: cache))
    }
  }

  /// Whatever a list says, nothing is written outside the cache, and nothing is believed that makes no sense.
  @Test(arguments: [
    (
      #"{"rfilename": "../../../evil", "size": 1, "blobId": "0000000000000000000000000000000000000000"}"#,
      "expected a path inside the repository"
    ),
    (#"{"rfilename": "/evil", "size": 1}"#, "expected a path inside the repository"),
    (#"{"rfilename": "a//b", "size": 1}"#, "expected a path inside the repository"),
    (#"{"rfilename": "a\\..\\b", "size": 1}"#, "expected a path inside the repository"),
    (#"{"rfilename": "a\u0000b", "size": 1}"#, "expected a path inside the repository"),
    (#"{"rfilename": "config.json", "size": -1}"#, "expected a size"),
    (#"{"rfilename": "config.json", "size": 1e30}"#, "expected an integer"),
    (#"{"rfilename": "config.json", "size": 9000000000000000000}"#, "expected a size"),
    (#"{"rfilename": "config.json", "size": 1, "blobId": "../../../../evil"}"#, "is no hash"),
    (#"{"rfilename": "config.json", "lfs": {"sha256": "xyz", "size": 1}}"#, "is no hash"),
    (#"{"rfilename": 7}"#, "expected a string"), ("7", "expected an object"),
  ])
  func oddListsAreRefused(sibling: String, problem: String) async throws {
    let text =
      #"{"sha": "0000000000000000000000000000000000000000", "siblings": [{"rfilename": "config.json", "size": 2, "blobId": "9e26dfeeb6e641a33dae4961196235bdb965b21b"}, \#(sibling)]}"#
    let list = try JSONValue(parsing: Array(text.utf8), file: "list")
    server.change { $0.list = list }
    #expect(await message { try await pull() }.contains(problem))
    #expect(try paths(folder.url).isEmpty)
  }

  @Test(arguments: [
    (#"[]"#, "expected an object"), (#"{"siblings": []}"#, "sha: expected a string, found nothing"),
    (#"{"sha": "../../x", "siblings": []}"#, "expected the 40 hexadecimal digits of a commit"),
    (#"{"sha": "0000000000000000000000000000000000000000"}"#, "siblings"),
  ])
  func oddAnswersAreRefused(text: String, problem: String) async throws {
    let list = try JSONValue(parsing: Array(text.utf8), file: "list")
    server.change { $0.list = list }
    let text = await message { try await pull() }
    #expect(text.contains(problem), "\(text)")
    #expect(try paths(folder.url).isEmpty)
  }

  @Test func aDiskThatIsTooSmallIsToldBefore() async throws {
    let text = await message { try await pull(space: 1000) }
    #expect(text == "\(cache.url.path): 300 kB are needed, but the disk has only 1.00 kB free")
    #expect(!FileSystem.exists(cache.url))
  }

  // MARK: Who may have it

  @Test func tokensGoToTheHubAlone() async throws {
    server.change {
      $0.tokens = ["hf_right"]
      $0.repositories[Self.name]?.isPrivate = true
    }
    try expectModel(try await pull(token: "hf_right"))
    let requests = server.takeRequests()
    #expect(requests.contains { $0.isForLargeFiles })
    for request in requests {
      #expect(request.authorization == (request.isForLargeFiles ? nil : "Bearer hf_right"), "\(request)")
    }
  }

  @Test func refusalsSayWhatToDo() async throws {
    #expect(
      await message { try await pull("owner/nothing") }
        == "owner/nothing: \(server.url.absoluteString) has no such model, or it is private: is the name right? A private one needs an access token in HF_TOKEN"
    )
    #expect(
      await message { try await pull("\(Self.name)@nothing") }
        == "\(Self.name): there is no revision nothing at \(server.url.absoluteString)")
    server.change { $0.repositories[Self.name]?.isGated = true }
    let gated = await message { try await pull() }
    #expect(
      gated.contains("accept them at \(server.url.absoluteString)/\(Self.name), then put an access token"),
      "\(gated)")
    server.change { $0.tokens = ["hf_right"] }
    #expect(await message { try await pull(token: "hf_wrong") }.contains("doesn't know the access token"))
    server.change {
      $0.faults = [.init("GET", "/api/", .refusal(403, ["X-Error-Message": "Not you"]))]
    }
    #expect(
      await message { try await pull(token: "hf_right") }
        == "\(Self.name): access is refused: Not you; does the access token allow this?")
  }

  /// A server that wants to be left alone for long isn't waited for in silence.
  @Test func aLongPauseIsTheUsersToTake() async throws {
    for path in ["/api/", "/resolve/"] {
      server.change { $0.faults = [.init("GET", path, .refusal(429, ["Retry-After": "1000"]))] }
      let text = await message { try await pull() }
      #expect(text.hasSuffix("too many requests for the server (status 429); try again later"), "\(text)")
    }
  }

  @Test func aHubThatIsGoneIsToldSo() async throws {
    let url = try TestServer([:]).stopped()
    let text = await message {
      try await HTTPFetcher.withFetcher { fetcher in
        var hub = HubConnection(HubSettings(endpoint: url), over: fetcher)
        (hub.pause, hub.attempts) = (.zero, 2)
        return try await HubPull(try #require(HubModelName(Self.name)), into: cache, from: hub).plan()
      }
    }
    #expect(
      text == "\(url.absoluteString)/api/models/\(Self.name)/revision/main: no answer: Connection refused",
      "\(text)")
  }
}
