import Foundation
import VignetteTestSupport
import Testing

/// `vignette dataset inspect` opens the images.
@Suite struct InspectCommandTests {
  /// An image folder of two good images and some that are none.
  private static func folder(broken: Int) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let image = try Fixture.data("models/vit-gpt2/scene.png")
    for name in ["good-1", "good-2"] { try folder.write(image, to: "train/\(name).png") }
    for number in 0..<broken {
      try folder.write(image.prefix(100 + number), to: "train/broken-\(number).png")
    }
    let names = ["good-1", "good-2"] + (0..<broken).map { "broken-\($0)" }
    let rows = names.map { #"{"file_name": "\#($0).png", "caption": "a scene"}"# }
    for split in ["train", "validation"] {
      try folder.write(Data(rows.joined(separator: "\n").utf8), to: "\(split)/metadata.jsonl")
    }
    return folder
  }

  private static func inspect(_ folder: TemporaryFolder, _ options: [String] = []) throws -> Command.Result {
    try Command.run(
      ["dataset", "inspect", "--dataset", "imagefolder", "--data-dir", folder.url.path] + options)
  }

  @Test func unreadableImagesAreNamedAndCounted() throws {
    let folder = try Self.folder(broken: 8)
    for workers in ["0", "2"] {
      let run = try Self.inspect(folder, ["--dataloader-num-workers", workers])
      #expect(run.status == 1 && run.errors == "", "\(run.errors)")
      #expect(run.output.contains("8 unreadable images (dropped with their captions):\n"), "\(run.output)")
      #expect(run.output.contains("/train/broken-4.png (") && !run.output.contains("broken-5"))
      #expect(run.output.contains("\n  and 3 more\n8 images missing or unreadable\n"))
    }
  }

  @Test func whatIsCountedIsSaid() throws {
    let run = try Self.inspect(Self.folder(broken: 8))
    let counts = "10 images with 10 captions in the annotation; 2 images with 2 captions can be used"
    #expect(run.output.contains("\n\(counts)\n"), "\(run.output)")

    let folder = try Self.folder(broken: 0)
    try folder.write(
      Data(#"{"file_name": "good-1.png", "caption": "a scene"}"#.utf8), to: "train/metadata.jsonl")
    let output = try Self.inspect(folder).output
    let single = "1 image with 1 caption in the annotation; 1 image with 1 caption can be used"
    #expect(output.contains("\n\(single)\n"), "\(output)")
  }

  @Test func goodImagesAreStatusZero() throws {
    let run = try Self.inspect(Self.folder(broken: 0))
    #expect(run.status == 0 && run.output.hasSuffix("\n0 images missing or unreadable\n"), "\(run.output)")
  }

  @Test func theFirstBadImageCanBeAnError() throws {
    let run = try Self.inspect(Self.folder(broken: 2), ["--no-check-images"])
    #expect(run.status == 2 && run.output == "")
    #expect(run.errors.hasPrefix("vignette: ") && run.errors.contains("/train/broken-0.png: "))
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
  }

  @Test func workersAreNotNegative() throws {
    let run = try Self.inspect(Self.folder(broken: 0), ["--dataloader-num-workers", "-1"])
    #expect(run.status == 64 && run.errors.contains("must not be negative"), "\(run.errors)")
  }
}
