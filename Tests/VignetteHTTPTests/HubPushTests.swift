import VignetteHTTP
import Foundation
import Synchronization
import Testing
import VignetteFiles
import VignetteHub
import VignetteTestServer
import VignetteTestSupport

/// Models shared over real sockets, on a hub of the test's own.
@Suite struct HubPushTests: Sendable {
  private static let name = "owner/captioner"
  private static let token = "hf_right"
  private let folder: TemporaryFolder
  private let server: HubServer
  private static let weights = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 * 17 >> 3) })

  init() throws {
    folder = try TemporaryFolder()
    server = try HubServer()
    server.change { $0.tokens = [Self.token] }
    for (name, contents) in [
      ("config.json", Data("{}".utf8)), ("tokenizer.json", Data(#"{"a": 1}"#.utf8)),
      ("README.md", Data("# A model".utf8)), ("model.safetensors", Self.weights), ("vocab.json", Data()),
      ("optimizer.pt", Data([1])), ("trainer_state.json", Data("{}".utf8)), (".vignette-run", Data([2])),
      ("checkpoint-5/model.safetensors", Data([3])), ("runs/events", Data([4])),
    ] { try folder.write(contents, to: name) }
  }

  private static let pushed = [
    "README.md", "config.json", "model.safetensors", "tokenizer.json", "vocab.json",
  ]

  private func push(
    _ model: String = HubPushTests.name, token: String? = HubPushTests.token, attempts: Int = 5,
    change: (inout HubPush) -> Void = { _ in },
    progress: @escaping @Sendable (HubPush.Progress) -> Void = { _ in }
  ) async throws -> HubPush.Outcome {
    let name = try #require(HubModelName(model))
    return try await HTTPFetcher.withFetcher { fetcher in
      var hub = HubConnection(HubSettings(endpoint: server.url, token: token), over: fetcher)
      (hub.pause, hub.attempts) = (.zero, attempts)
      var push = HubPush(folder.url, to: name, at: hub)
      change(&push)
      return try await push.run(progress: progress)
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

  private func expectPushed(_ branch: String = "main") throws {
    let files = try #require(server[Self.name]?.files(at: branch))
    #expect(files.keys.sorted() == [".gitattributes"] + Self.pushed)
    for name in Self.pushed {
      #expect(
        files[name]?.contents == (try Data(contentsOf: folder.url.appendingPathComponent(name))), "\(name)")
      #expect(files[name]?.isLarge == (name == "model.safetensors"))
    }
  }

  @Test func theModelAndItsCardArePushedInOneCommit() async throws {
    let uploaded = Mutex<[Int]>([])
    let outcome = try await push {
      $0.isPrivate = true
    } progress: { progress in
      switch progress {
      case .uploading(let count), .uploaded(let count): uploaded.withLock { $0.append(count) }
      case .reading: break
      }
    }
    #expect(outcome.pushed == Self.pushed && outcome.hasMadeRepository)
    #expect(outcome.commit == server[Self.name]?.commit("main"))
    try expectPushed()
    #expect(server[Self.name]?.isPrivate == true && server[Self.name]?.commits.count == 2)
    #expect(uploaded.withLock { $0.first == Self.weights.count && $0.last == Self.weights.count })
    let requests = server.takeRequests()
    #expect(requests.contains { $0.isForLargeFiles && $0.method == "PUT" })
    for request in requests {
      #expect(request.authorization == (request.isForLargeFiles ? nil : "Bearer \(Self.token)"))
    }

    // Nothing is new the second time.
    let again = try await push()
    #expect(again.pushed.isEmpty && again.unchanged == Self.pushed && again.commit == outcome.commit)
    #expect(!server.takeRequests().contains { $0.path.hasSuffix("/commit/main") || $0.isForLargeFiles })

    try folder.write(Data("# Better".utf8), to: "README.md")
    #expect(try await push().pushed == ["README.md"])
    #expect(!server.takeRequests().contains { $0.isForLargeFiles })
    try expectPushed()
  }

  @Test(arguments: [1000, 99_999, 150_000, 300_000, 300_001])
  func largeFilesGoInParts(size: Int) async throws {
    server.change { $0.partSize = size }
    _ = try await push()
    try expectPushed()
    let parts = server.takeRequests().filter { $0.isForLargeFiles && $0.method == "PUT" }
    #expect(parts.count == (Self.weights.count + size - 1) / size)
  }

  @Test func allFilesGoWhereTheyAreAskedFor() async throws {
    let outcome = try await push { $0.includesAllFiles = true }
    #expect(
      outcome.pushed == [
        "README.md", "checkpoint-5/model.safetensors", "config.json", "model.safetensors", "optimizer.pt",
        "runs/events", "tokenizer.json", "trainer_state.json", "vocab.json",
      ])
    #expect(server[Self.name]?.files["runs/events"]?.isLarge == false)
  }

  @Test func aBranchIsMadeWithItsCommit() async throws {
    _ = try await push()
    let main = server[Self.name]?.commit("main")
    try folder.write(Data("# Other".utf8), to: "README.md")
    let outcome = try await push("\(Self.name)@experiment/1")
    #expect(outcome.pushed == ["README.md"] && outcome.commit != main)
    #expect(server[Self.name]?.commit("main") == main)
    try expectPushed("experiment/1")
    // Without a commit, there is no branch.
    server.change { $0.faults = [.init("POST", "/commit/", times: 9, .status(403))] }
    try folder.write(Data("# Another".utf8), to: "README.md")
    _ = await message { try await push("\(Self.name)@experiment-2") }
    #expect(server[Self.name]?.branches.keys.sorted() == ["experiment/1", "main"])
  }

  /// Readers would take the old file for the model, as it comes before shards.
  @Test func weightsOfAnEarlierPushDoNotHideTheNewOnes() async throws {
    _ = try await push()
    try FileSystem.remove(folder.url.appendingPathComponent("model.safetensors"))
    try folder.write(
      Data(#"{"weight_map": {"a": "model-00001-of-00001.safetensors"}}"#.utf8),
      to: "model.safetensors.index.json")
    try folder.write(Data([1, 2]), to: "model-00001-of-00001.safetensors")
    let outcome = try await push()
    #expect(outcome.removed == ["model.safetensors"])
    #expect(
      server[Self.name]?.files.keys.sorted() == [
        ".gitattributes", "README.md", "config.json", "model-00001-of-00001.safetensors",
        "model.safetensors.index.json", "tokenizer.json", "vocab.json",
      ])
    #expect(server[Self.name]?.commits.count == 3)
  }

  // MARK: What goes wrong

  /// Whichever request is the last that gets through, the repository stays as it was, and the next push is whole.
  @Test(arguments: [nil, 100_000])
  func aPushThatDiesAtAnyStepLeavesTheRepositoryAsItWas(partSize: Int?) async throws {
    var steps = 0
    while true {
      let server = server
      let old: [String: HubRepository.File] = [
        "config.json": .init(Data("{ }".utf8), isLarge: false),
        "model.safetensors": .init(Data([1]), isLarge: true),
      ]
      server.change {
        $0.repositories[Self.name] = HubRepository(old)
        $0.objects = [:]
        $0.partSize = partSize
        $0.faults = [.init(nil, "/", after: steps, times: .max, .cutUpload(after: 0))]
      }
      let commit = server[Self.name]?.commit("main")
      let text = await message { try await push(attempts: 1) }
      if text == "nothing was thrown" { break }
      #expect(
        server[Self.name]?.commit("main") == commit && server[Self.name]?.files == old, "\(steps): \(text)")
      #expect(server[Self.name]?.commits.count == 1)
      server.change { $0.faults = [] }
      let outcome = try await push()
      #expect(outcome.pushed == Self.pushed && server[Self.name]?.commits.count == 2)
      steps += 1
    }
    // Look, ask how, ask where, upload, verify, commit at least.
    #expect(steps >= 6, "\(steps)")
    #expect(server[Self.name]?.commits.count == 2)
  }

  /// Interrupted within the upload, and by servers that are busy.
  @Test func whatPassesIsTriedAgain() async throws {
    server.change {
      $0.faults = [
        .init("POST", "/create", .status(502)), .init("POST", "/preupload/", .status(503)),
        .init("POST", "/batch", .refusal(429, ["Retry-After": "0"])),
        .init("PUT", "/objects/", .cutUpload(after: 100_000)), .init("PUT", "/objects/", .status(500)),
        .init("POST", "/verify", .cutUpload(after: 0)), .init("POST", "/commit/", .status(500)),
      ]
    }
    _ = try await push()
    try expectPushed()
    #expect(server[Self.name]?.commits.count == 2)
  }

  /// A commit whose answer is lost isn't made twice.
  @Test func aCommitWhoseAnswerIsLostIsRecognised() async throws {
    server.change { $0.faults = [.init("POST", "/commit/", .silence)] }
    let outcome = try await push()
    try expectPushed()
    #expect(server[Self.name]?.commits.count == 2 && outcome.commit == server[Self.name]?.commit("main"))
  }

  @Test func whatSomeoneElsePushedMeanwhileStays() async throws {
    server[Self.name] = HubRepository(["config.json": .init(Data("{ }".utf8), isLarge: false)])
    let server = server
    let text = await message {
      try await push(progress: { progress in
        guard case .uploading = progress else { return }
        server.change {
          $0.repositories[Self.name]?.commit(["other": .init(Data([1]), isLarge: false)], to: "main")
        }
      })
    }
    #expect(text.contains("someone else changed it meanwhile"), "\(text)")
    #expect(server[Self.name]?.files.keys.sorted() == ["other"])
  }

  @Test func whatCannotBePushedIsToldBefore() async throws {
    #expect(await message { try await push(token: nil) }.contains("pushing needs an access token"))
    #expect(await message { try await push(token: "hf_wrong") }.contains("doesn't know the access token"))
    #expect(await message { try await push("captioner") }.contains("OWNER/captioner"))
    #expect(server.look { $0.repositories.isEmpty })
    _ = try await push()
    #expect(await message { try await push { $0.isPrivate = true } }.contains("is public already"))
    try FileSystem.remove(folder.url.appendingPathComponent("model.safetensors"))
    #expect(await message { try await push() }.contains("holds no weights"))
    try FileSystem.remove(folder.url.appendingPathComponent("config.json"))
    #expect(await message { try await push() }.contains("has no config.json"))
    server.change { $0.faults = [.init("GET", "/api/", .refusal(403, ["X-Error-Message": "Read only"]))] }
    try folder.write(Data("{}".utf8), to: "config.json")
    try folder.write(Self.weights, to: "model.safetensors")
    #expect(await message { try await push() }.contains("Read only"))
  }

  /// What is in a cache can be pushed elsewhere: its files are links.
  @Test func aSnapshotOfTheCacheCanBePushed() async throws {
    server["other/model"] = HubRepository(HubPullTests.files)
    let cache = HubCache(at: folder.url.appendingPathComponent("cache"))
    let (name, target) = (try #require(HubModelName("other/model")), try #require(HubModelName(Self.name)))
    let outcome = try await HTTPFetcher.withFetcher { fetcher in
      let hub = HubConnection(HubSettings(endpoint: server.url, token: Self.token), over: fetcher)
      let pull = HubPull(name, into: cache, from: hub)
      let snapshot = try await pull.run(try await pull.plan())
      return try await HubPush(snapshot, to: target, at: hub).run()
    }
    #expect(outcome.pushed == HubPullTests.needed)
    for file in HubPullTests.needed {
      #expect(server[Self.name]?.files[file] == HubPullTests.files[file])
    }
  }
}
