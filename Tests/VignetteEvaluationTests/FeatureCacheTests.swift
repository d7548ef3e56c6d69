import Foundation
import Testing
import Vignette
import VignetteEvaluation
import VignetteTensors
import VignetteTestSupport

/// A cache's folder is a stranger's.
@Suite struct FeatureCacheTests {
  private static func cache(_ folder: URL) throws -> FeatureCache {
    let parts = try CaptionerParts(at: EvaluatorTests.model)
    return try FeatureCache(at: folder, model: parts.model, processor: parts.imageProcessor, dtype: .float32)
  }

  /// A cache of one image, and its folder for the model.
  private static func prepare(_ folder: TemporaryFolder) throws -> (image: URL, features: URL) {
    let image = try folder.write(
      Data(contentsOf: EvaluatorTests.model.appendingPathComponent("scene.png")), to: "scene.png")
    let cache = try cache(folder.url.appendingPathComponent("cache"))
    _ = try cache.encode(images(image), on: nil)
    #expect(cache.known(among: [image.path]) == [image.path])
    let model = try FileManager.default.contentsOfDirectory(
      at: folder.url.appendingPathComponent("cache"), includingPropertiesForKeys: nil)
    return (image, try #require(model.first))
  }

  private static func images(_ file: URL) -> BatchImages {
    BatchImages(paths: [file.path]) { rows in Tensor(zeros: [rows.count, 3, 18, 18]) }
  }

  @Test(arguments: [#""shape":[10,3]"#, #""shape":[10,13]"#, #""shape":[1048577,12]"#, #""shape":[]"#])
  func anotherShapeIsRefusedBeforeAnythingIsTouched(shape: String) throws {
    let folder = try TemporaryFolder()
    let (_, features) = try Self.prepare(folder)
    let file = features.appendingPathComponent("features.json")
    let rows = try Data(contentsOf: features.appendingPathComponent("rows"))
    let text = try String(contentsOf: file, encoding: .utf8)
    let changed = text.replacing(/"shape":\[[0-9,]*\]/, with: shape)
    try #require(changed != text)
    try Data(changed.utf8).write(to: file)
    let error = #expect(throws: EvaluationError.self) {
      try Self.cache(folder.url.appendingPathComponent("cache"))
    }
    let line = "\(try #require(error))"
    #expect(line.contains(file.path) && line.contains("[10, 12]"), "\(line)")
    #expect(try Data(contentsOf: features.appendingPathComponent("rows")) == rows)
    // With its own shape again, the cache is what it was.
    try Data(text.utf8).write(to: file)
    let cache = try Self.cache(folder.url.appendingPathComponent("cache"))
    #expect(cache.known(among: [folder.url.appendingPathComponent("scene.png").path]).count == 1)
  }

  /// What can't be read isn't damaged: nobody is told to remove it.
  @Test func aDescriptionThatCannotBeReadIsNamedAsTheSystemDoes() throws {
    let folder = try TemporaryFolder()
    let (_, features) = try Self.prepare(folder)
    let file = features.appendingPathComponent("features.json")
    try FileManager.default.removeItem(at: file)
    try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
    let error = #expect(throws: FileError.self) { try Self.cache(folder.url.appendingPathComponent("cache")) }
    let line = "\(try #require(error))"
    #expect(line.contains(file.path) && !line.contains("remove"), "\(line)")
  }

  /// What stands in rows and index is checked by sums, whatever their sizes.
  @Test(arguments: ["rows", "index"])
  func rubbishIsComputedAgain(name: String) throws {
    let folder = try TemporaryFolder()
    let (image, features) = try Self.prepare(folder)
    let expected = try Self.cache(folder.url.appendingPathComponent("fresh")).encode(
      Self.images(image), on: nil)
    let size = try Data(contentsOf: features.appendingPathComponent(name)).count
    for count in [0, 1, size - 1, size, size + 77] {
      try Data(repeating: 0x5A, count: count).write(to: features.appendingPathComponent(name))
      let cache = try Self.cache(folder.url.appendingPathComponent("cache"))
      let found = try cache.encode(Self.images(image), on: nil)
      #expect(found.states.floats == expected.states.floats, "\(count) bytes")
    }
  }
}
