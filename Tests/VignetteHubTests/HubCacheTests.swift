import VignetteHub
import Foundation
import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteTestSupport

@Suite struct HubCacheTests {
  private let commit = String(repeating: "0a", count: 20)

  @Test(arguments: [
    (["HF_HUB_CACHE": "/a", "HF_HOME": "/b"], "/a"),
    (["HUGGINGFACE_HUB_CACHE": "/a", "HF_HOME": "/b"], "/a"),
    (["HF_HOME": "/b", "XDG_CACHE_HOME": "/c"], "/b/hub"),
    (["XDG_CACHE_HOME": "/c"], "/c/huggingface/hub"),
    (["HF_HUB_CACHE": ""], NSHomeDirectory() + "/.cache/huggingface/hub"),
  ])
  func theCacheIsWhereHuggingFaceKeepsIt(environment: [String: String], path: String) {
    #expect(HubCache(environment: environment).url.path == path)
  }

  @Test func modelsAreFoundByNameAndRevision() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data("\(commit)\n".utf8), to: "models--owner--name.v2/refs/main")
    try folder.write(Data(commit.utf8), to: "models--owner--name.v2/refs/refs/pr/1")
    try folder.write(Data("{}".utf8), to: "models--owner--name.v2/snapshots/\(commit)/config.json")
    try folder.write(Data("../../..".utf8), to: "models--owner--name.v2/refs/evil")
    let cache = HubCache(at: folder.url)
    for model in ["owner/name.v2", "owner/name.v2@refs/pr/1", "owner/name.v2@\(commit)"] {
      let snapshot = try cache.resolve(model)
      #expect(FileManager.default.fileExists(atPath: snapshot.appendingPathComponent("config.json").path))
    }
    for revision in ["other", "evil"] {
      let error = #expect(throws: HubError.self) { try cache.resolve("owner/name.v2@\(revision)") }
      #expect(error.map { "\($0)".contains("revision \(revision) is not in \(folder.url.path)") } == true)
    }
  }

  @Test func aFolderIsItself() throws {
    let folder = try TemporaryFolder()
    let cache = HubCache(at: URL(fileURLWithPath: "/nowhere"))
    try folder.write(Data("{}".utf8), to: "config.json")
    #expect(try cache.resolve(folder.url.path).path == folder.url.path)
    let file = try folder.write(Data(), to: "file")
    #expect(throws: HubError.notAFolder(path: file.path)) { try cache.resolve(file.path) }
  }

  /// A file of llama.cpp's is told for what it is, and a folder of such files too, unless it has a model besides.
  @Test func filesOfLlamaAreNamed() throws {
    let folder = try TemporaryFolder()
    let cache = HubCache(at: folder.url.appendingPathComponent("cache"))
    let file = try folder.write(Data("GGUF".utf8), to: "model-q4.gguf")
    #expect(throws: HubError.gguf(path: file.path)) { try cache.resolve(file.path) }
    let error = try #require(throws: HubError.self) { try cache.resolve(folder.url.path) }
    #expect(error == .gguf(path: file.path) && "\(error)".contains("safetensors"), "\(error)")
    try folder.write(Data("{}".utf8), to: "config.json")
    #expect(try cache.resolve(folder.url.path).path == folder.url.path)
  }

  /// A run's folder has checkpoints before it has a model.
  @Test func aFolderWithoutAModelNamesTheNewestCheckpoint() throws {
    let folder = try TemporaryFolder()
    let cache = HubCache(at: folder.url.appendingPathComponent("cache"))
    let path = folder.url.path
    #expect(throws: HubError.noModel(path: path, checkpoint: nil)) { try cache.resolve(path) }
    for name in ["checkpoint-9", "checkpoint-10", "checkpoint-011", "checkpoint-last"] {
      try folder.write(Data("{}".utf8), to: "\(name)/config.json")
    }
    try folder.write(Data(), to: "checkpoint-12/model.safetensors")
    #expect(throws: HubError.noModel(path: path, checkpoint: "checkpoint-10")) {
      try cache.resolve(path)
    }
    // A model that was fetched in part.
    try folder.write(Data(commit.utf8), to: "cache/models--owner--name/refs/main")
    let snapshot = try folder.write(Data(), to: "cache/models--owner--name/snapshots/\(commit)/vocab.json")
      .deletingLastPathComponent()
    #expect(throws: HubError.noModel(path: snapshot.path, checkpoint: nil)) {
      try cache.resolve("owner/name")
    }
  }

  /// As `os.path.expandvars(os.path.expanduser(…))` has it in Python.
  @Test(arguments: [
    ([:], "/h/.cache/huggingface/hub"), (["XDG_CACHE_HOME": "/x"], "/x/huggingface/hub"),
    (["XDG_CACHE_HOME": "~/x"], "/h/x/huggingface/hub"), (["HF_HOME": "~/x"], "/h/x/hub"),
    (["HF_HOME": "$HOME/x"], "/h/x/hub"), (["HF_HOME": "${HOME}x/$V/$NO/${NO}"], "/hx/v/$NO/${NO}/hub"),
    (["HF_HUB_CACHE": "~/$V"], "/h/v"), (["HUGGINGFACE_HUB_CACHE": "/a", "HF_HUB_CACHE": ""], "/a"),
    (["HF_HOME": "~nobody-of-this-name/x"], "~nobody-of-this-name/x/hub"),
    (["HF_HOME": "/a~/b"], "/a~/b/hub"),
  ])
  func homeIsWhereTheEnvironmentSays(variables: [String: String], expected: String) {
    let environment = variables.merging(["HOME": "/h", "V": "v"]) { first, _ in first }
    #expect(HubCache(environment: environment).url.relativePath == expected)
  }

  @Test func whatIsNowhereIsExplained() throws {
    let cache = HubCache(at: URL(fileURLWithPath: "/nowhere"))
    let error = #expect(throws: HubError.self) { try cache.resolve("owner/name") }
    #expect(
      error.map { "\($0)" } == "owner/name: there is no such folder, nor is a model of this name in "
        + "/nowhere: is the name right?")
    for path in ["./missing", "/missing/folder", "a/b/c", "owner/../name", "", "owner/name@../x", "ö/x"] {
      #expect(throws: HubError.noFolder(path: path)) { try cache.resolve(path) }
    }
  }
}
