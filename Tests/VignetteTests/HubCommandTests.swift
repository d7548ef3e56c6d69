import Foundation
import Testing
import VignetteFiles
import VignetteTestServer
import VignetteTestSupport

/// Models by their names, as a user fetches, uses, lists, removes and shares them, with a hub of the test's own.
@Suite struct HubCommandTests {
  private let folder: TemporaryFolder
  private let server: HubServer
  private static let name = "owner/captioner"

  init() throws {
    folder = try TemporaryFolder()
    server = try HubServer([
      Self.name: HubRepository(folder: Fixture.url("models/vit-gpt2"))
    ])
  }

  private var cache: URL { folder.url.appendingPathComponent("hub") }

  private func run(_ arguments: String..., variables: [String: String] = [:]) throws -> Command.Result {
    let own = [
      "HF_ENDPOINT": server.url.absoluteString, "HF_HUB_CACHE": cache.path, "HF_HOME": folder.url.path,
      "HF_HUB_OFFLINE": "", "TRANSFORMERS_OFFLINE": "", "HF_TOKEN": "",
    ]
    return try Command.run(arguments, variables: own.merging(variables) { _, new in new })
  }

  private var image: String { Fixture.url("../Examples/Images/cat.jpg").path }

  @Test func aModelThatWasPulledCaptionsByItsName() throws {
    let pull = try run("pull", Self.name)
    #expect(pull.status == 0, "\(pull.errors)")
    let commit = try #require(server[Self.name]?.commit("main"))
    #expect(pull.output == "\(cache.path)/models--owner--captioner/snapshots/\(commit)\n")
    #expect(pull.errors.contains("owner/captioner: ") && pull.errors.contains(" are to be fetched\n"))
    _ = server.takeRequests()

    let own = try run("caption", "--model", Fixture.url("models/vit-gpt2").path, image)
    for extra in [[], ["--offline"], ["--yes"]] {
      let named = try Command.run(
        ["caption", "--model", Self.name, image] + extra, variables: ["HF_HUB_CACHE": cache.path])
      #expect(named.status == 0 && named.output == own.output, "\(named.errors)")
    }
    #expect(server.takeRequests().isEmpty)

    let listed = try run("models", "--cached")
    #expect(
      listed.output.hasPrefix("owner/captioner\tmain\t") && listed.output.hasSuffix("\tcaptions\n"),
      "\(listed.output)")
    let refused = try run("remove", Self.name)
    #expect(refused.status == 2 && refused.errors.contains("without a terminal to ask in, or --yes"))
    let removed = try run("remove", Self.name, "--yes")
    #expect(removed.status == 0 && removed.errors.contains("owner/captioner: removed, "), "\(removed.errors)")
    #expect(removed.errors.hasSuffix(" freed\n"))
    let empty = try run("models", "--cached")
    #expect(empty.status == 0 && empty.output.isEmpty && empty.errors.contains("no models"))
    #expect(try run("remove", Self.name, "--yes").status == 2)
  }

  /// In a pipe nothing is fetched without having been allowed, whatever the command.
  @Test(arguments: [
    ["caption", "--model", "owner/captioner", "x.jpg"], ["inspect", "owner/captioner"],
    ["convert", "--model", "owner/captioner", "--output", "/nowhere/x"],
    ["init", "--encoder", "owner/captioner", "--decoder", "owner/captioner", "--output", "/nowhere/x"],
    ["evaluate", "--model", "owner/captioner", "--dataset", "coco", "--data-dir", "/nowhere"],
    [
      "train", "--model", "owner/captioner", "--dataset", "coco", "--data-dir", "/nowhere", "--output",
      "/nowhere/x",
    ],
  ])
  func nothingIsFetchedUnasked(arguments: [String]) throws {
    let own = [
      "HF_ENDPOINT": server.url.absoluteString, "HF_HUB_CACHE": cache.path, "HF_HOME": folder.url.path,
    ]
    for (extra, variables, reason) in [
      ([], [:], "without a terminal to ask in, or --yes"), (["--offline"], [:], "as --offline is given"),
      (["--yes"], ["HF_HUB_OFFLINE": "1"], "as HF_HUB_OFFLINE is set"),
    ] as [([String], [String: String], String)] {
      let run = try Command.run(arguments + extra, variables: own.merging(variables) { _, new in new })
      #expect(run.status == 2, "\(run.errors)")
      #expect(
        run.errors.contains(
          "owner/captioner: there is no such folder, nor is a model of this name in \(cache.path)"),
        "\(run.errors)")
      #expect(
        run.errors.contains(reason) && run.errors.contains("to fetch it: vignette pull owner/captioner"),
        "\(run.errors)")
    }
    #expect(server.takeRequests().isEmpty && !FileSystem.exists(cache))
  }

  @Test func allowedItIsFetchedAndUsed() throws {
    let own = try run("caption", "--model", Fixture.url("models/vit-gpt2").path, image)
    let run = try run("caption", "--model", Self.name, "--yes", image)
    #expect(run.status == 0 && run.output == own.output && !own.output.isEmpty, "\(run.errors)")
    #expect(server.takeRequests().count > 3)
    // A part of a model that another program left is completed.
    let snapshots = cache.appendingPathComponent("models--owner--captioner/snapshots")
    for commit in try FileName.list(snapshots.path) {
      try FileSystem.remove(snapshots.appendingPathComponent("\(commit)/model.safetensors"))
    }
    let part = try self.run("caption", "--model", Self.name, image)
    #expect(
      part.status == 2 && part.errors.contains("only a part of it is on this machine"), "\(part.errors)")
    #expect(try self.run("caption", "--model", Self.name, "--yes", image).output == own.output)
  }

  @Test func bothYesAndOfflineMakeNoSense() throws {
    let run = try run("caption", "--model", "x", "--yes", "--offline", "y")
    #expect(run.status == 64 && run.errors.contains("--yes fetches models and --offline never does"))
  }

  @Test func whatIsNotThereIsToldPlainly() throws {
    let missing = try run("pull", "owner/nothing")
    #expect(missing.status == 2 && missing.output.isEmpty)
    #expect(missing.errors.hasPrefix("vignette: owner/nothing: http://127.0.0.1:"), "\(missing.errors)")
    #expect(
      try run("pull", Self.name, variables: ["HF_HUB_OFFLINE": "1"]).errors
        == "vignette: HF_HUB_OFFLINE is set, so nothing is fetched\n")
    #expect(try run("pull", "a/b/c").status == 64)
    #expect(
      try run("pull", Self.name, variables: ["HF_ENDPOINT": "x"]).errors.contains(
        "HF_ENDPOINT must be an http or https address"))
  }

  @Test func aFolderIsPushedAndPulledAgain() throws {
    let model = Fixture.url("models/vit-gpt2").path
    let push = try run(
      "push", model, "me/mine", "--private", "--message", "Mine", variables: ["HF_TOKEN": "hf_x"])
    #expect(push.status == 0 && push.output == "\(server.url.absoluteString)/me/mine\n", "\(push.errors)")
    #expect(push.errors.contains("me/mine: pushed "), "\(push.errors)")
    #expect(server["me/mine"]?.isPrivate == true)
    #expect(
      server["me/mine"]?.files["model.safetensors"]?.contents
        == (try Data(contentsOf: URL(fileURLWithPath: "\(model)/model.safetensors"))))
    let again = try run("push", model, "me/mine", variables: ["HF_TOKEN": "hf_x"])
    #expect(again.status == 0 && again.errors.contains("me/mine: nothing is new"), "\(again.errors)")
    #expect(try run("push", model, "me/mine").errors.contains("pushing needs an access token"))
    #expect(try run("push", model, "me/mine@x").status == 64)
    #expect(try run("push", model, "me/mine", "--branch", "../x").status == 64)
    let branch = try run("push", model, "me/mine", "--branch", "v1", variables: ["HF_TOKEN": "hf_x"])
    #expect(branch.status == 0 && branch.errors.contains("nothing is new"))
    #expect(server["me/mine"]?.branches["v1"] == server["me/mine"]?.branches["main"])
    #expect(
      try run("caption", "--model", "me/mine", "--yes", image, variables: ["HF_TOKEN": "hf_x"]).status == 0)
  }

  /// By Hugging Face's names. What would keep the result from being pushed is told before anything is trained.
  @Test func aTrainedModelIsPushed() throws {
    let training = try TrainRun(scenes: 20)
    let own = [
      "HF_ENDPOINT": server.url.absoluteString, "HF_HOME": folder.url.path, "HF_HUB_OFFLINE": "",
      "HF_TOKEN": "",
    ]
    let steps = ["--max-steps", "2", "--save-strategy", "steps", "--save-steps", "1"]
    for (arguments, problem) in [
      (["--push_to_hub", "True"], "--hub-model-id must name the repository to push to: OWNER/NAME"),
      (["--push-to-hub", "--hub-model-id", "mine"], "--hub-model-id must be OWNER/NAME, but is mine"),
      (["--push-to-hub", "--hub-model-id", "me/run"], "pushing needs an access token"),
    ] {
      let run = try Command.run(training.arguments("run", steps + arguments), variables: own)
      #expect(run.status == 2 && run.errors.contains(problem), "\(run.errors)")
      #expect(!FileSystem.exists(training.url("run")))
    }
    let run = try Command.run(
      training.arguments(
        "run",
        steps + [
          "--push_to_hub", "--hub_model_id", "me/run", "--hub_private_repo", "True", "--hub_token", "hf_x",
        ]),
      variables: own)
    #expect(run.status == 0 && run.errors.contains("me/run: pushed "), "\(run.errors)")
    let repository = try #require(server["me/run"])
    let weights = try Data(contentsOf: training.url("run/model.safetensors"))
    #expect(repository.isPrivate && repository.files["model.safetensors"]?.contents == weights)
    #expect(repository.files.keys.contains("README.md"))
    #expect(
      !repository.files.keys.contains {
        $0.hasPrefix("checkpoint-") || $0 == "trainer_state.json" || $0.contains("optimizer")
      })
    #expect(!run.errors.contains("hf_x"))
  }
}
