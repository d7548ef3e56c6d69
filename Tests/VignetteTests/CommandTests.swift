import Foundation
import TestSupport
import Testing

/// The real command, run as a user runs it.
@Suite struct CommandTests {
  static let model = Fixture.url("models/vit-gpt2").path
  static let scene = Fixture.url("models/vit-gpt2/scene.png").path

  @Test func aSinglePictureGivesItsCaptionAlone() throws {
    let run = try Command.run([
      "caption", "--model", Self.model, "--num-beams", "4", "--max-length", "12", Self.scene,
    ])
    #expect(run.output == "iririririririririrTheThe\n" && run.status == 0 && run.errors == "")
  }

  /// A length that nobody asked for is told where it cuts captions off; one that was asked for is no news.
  @Test func cutCaptionsAreTold() throws {
    let arguments = ["caption", "--model", Self.model, Self.scene, Self.scene]
    let run = try Command.run(arguments)
    #expect(run.status == 0)
    #expect(
      run.errors == "2 captions were cut off at 20 tokens; --max-new-tokens sets another limit\n",
      "\(run.errors)")
    #expect(try Command.run(arguments + ["--max-length", "12"]).errors == "")
  }

  @Test func foldersAndStandardInput() throws {
    let pictures = Fixture.url("../Examples/Pictures").path
    let run = try Command.run(
      ["caption", "--model", Self.model, "--format", "jsonl", "--max-length", "6", pictures, "-"],
      input: try Data(contentsOf: URL(fileURLWithPath: Self.scene)))
    let lines = run.output.split(separator: "\n").map { Data($0.utf8) }
    let files = try lines.map { line in
      let object = try #require(JSONSerialization.jsonObject(with: line) as? [String: Any])
      #expect(object["caption"] is String && object["token_ids"] is [Int] && object["score"] is NSNull)
      return try #require(object["file"] as? String)
    }
    #expect(files == ["\(pictures)/cat.jpg", "\(pictures)/coffee.jpg", "-"] && run.status == 0)
  }

  @Test func csvIsQuoted() throws {
    let folder = try TemporaryFolder()
    let picture = try folder.write(Data(contentsOf: URL(fileURLWithPath: Self.scene)), to: "a, \"b\".png")
    let run = try Command.run(
      [
        "caption", "--model", Self.model, "--format", "csv", "--num-beams", "2", "--max-length", "5",
        picture.path,
      ])
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 2 && lines[0] == "file,caption,score")
    #expect(lines[1].hasPrefix("\"\(folder.url.path)/a, \"\"b\"\".png\","))
  }

  @Test func someBadPicturesAreStatusOne() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data("not a picture".utf8), to: "bad.jpg")
    try folder.write(Data(contentsOf: URL(fileURLWithPath: Self.scene)), to: "good.png")
    let run = try Command.run(["caption", "--model", Self.model, folder.url.path])
    #expect(run.status == 1)
    #expect(run.output.split(separator: "\n").count == 1 && run.output.contains("good.png\t"))
    #expect(run.errors.contains("bad.jpg: ") && run.errors.split(separator: "\n").count == 1)
  }

  @Test(arguments: [
    (["caption", "--model", "/nowhere", "x.png"], 2, "x.png"),
    (["caption", "--model", "/nowhere", scene], 2, "/nowhere"),
    (["caption", "--model", model, "--num-beams", "0", scene], 2, "--num-beams"),
    (["caption", "--model", model, "--max-length", "0", scene], 2, "--max-length"),
    (["caption", "--model", model, "--num-return-sequences", "3", scene], 2, "--num-return-sequences"),
    (["caption", "--model", model, "--batch-size", "0", scene], 64, "--batch-size"),
    (["caption", "--model", model, "--dtype", "int4", scene], 64, "--dtype"),
    (["caption", "--model", model], 64, "pictures"),
  ])
  func mistakesAreExplainedInALine(arguments: [String], status: Int32, mention: String) throws {
    let run = try Command.run(arguments)
    #expect(run.status == status && run.output == "")
    #expect(run.errors.contains(mention), "\(run.errors)")
  }

  @Test func limitOfPixels() throws {
    let run = try Command.run(["caption", "--model", Self.model, "--max-image-pixels", "100", Self.scene])
    #expect(run.status == 1 && run.errors.contains("--max-image-pixels"))
  }
}
