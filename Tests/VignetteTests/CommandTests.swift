import Foundation
import VignetteTestSupport
import Testing

/// The real command, run as a user runs it.
@Suite struct CommandTests {
  static let model = Fixture.url("models/vit-gpt2").path
  static let scene = Fixture.url("models/vit-gpt2/scene.png").path

  @Test func aSingleImageGivesItsCaptionAlone() throws {
    let run = try Command.run([
      "caption", "--model", Self.model, "--num-beams", "4", "--max-length", "12", Self.scene,
    ])
    #expect(run.output == "iririririririririrTheThe\n" && run.status == 0 && run.errors == "")
  }

  /// What a script's pattern matches prints the same whether it is one file or many, if the format is given.
  @Test func aFormatThatIsGivenNamesASingleFile() throws {
    let arguments = ["caption", "--model", Self.model, "--max-length", "6", "--format", "text"]
    let one = try Command.run(arguments + [Self.scene])
    let two = try Command.run(arguments + [Self.scene, Self.scene])
    #expect(one.status == 0 && one.output.hasPrefix("\(Self.scene)\t"), "\(one.output)")
    #expect(two.output == one.output + one.output)
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

  @Test(arguments: [
    (["--stop-strings", "irT"], "iririririririririrThe"),
    (["--stop-strings", #"["xyz", "rirT"]"#], "iririririririririrThe"),
    (["--max-time", "0"], "ir"),
    (["--num-beams", "2", "--exponential-decay-length-penalty", "3,1.4"], "iriririr"),
    (
      ["--renormalize-logits", "--repetition-penalty", "1.4", "--num-beams", "4"],
      "irThe sun sleeesisin is ay b"
    ),
  ])
  func rarerGenerationOptions(_ options: [String], _ caption: String) throws {
    let run = try Command.run(
      ["caption", "--model", Self.model, "--max-length", "12"] + options + [Self.scene])
    #expect(run.output == caption + "\n" && run.status == 0 && run.errors == "", "\(run)")
  }

  /// A checkpoint that asks for what Transformers ignores, or no longer has.
  @Test func generationConfigurationsThatAskForMore() throws {
    let folder = try TemporaryFolder()
    for file in try FileManager.default.contentsOfDirectory(atPath: Self.model) {
      try folder.write(Data(contentsOf: URL(fileURLWithPath: "\(Self.model)/\(file)")), to: file)
    }
    try folder.write(
      Data(
        #"{"bos_token_id": 0, "eos_token_id": 0, "num_beams": 4, "num_beam_groups": 2, "encoder_no_repeat_ngram_size": 2}"#
          .utf8), to: "generation_config.json")
    let arguments = ["caption", "--model", folder.url.path, "--max-length", "12", Self.scene]
    let refused = try Command.run(arguments)
    #expect(refused.status == 2 && refused.output == "")
    #expect(refused.errors.contains("transformers-community/group-beam-search"), "\(refused.errors)")
    #expect(refused.errors.contains("--do-sample with --num-return-sequences"), "\(refused.errors)")
    let run = try Command.run(arguments + ["--num-beams", "1"])
    #expect(run.status == 0 && run.output == "iririririririririrTheThe\n")
    #expect(run.errors.contains("encoder_no_repeat_ngram_size has no effect"), "\(run.errors)")
  }

  @Test func foldersAndStandardInput() throws {
    let images = Fixture.url("../Examples/Images").path
    let run = try Command.run(
      ["caption", "--model", Self.model, "--format", "jsonl", "--max-length", "6", images, "-"],
      input: try Data(contentsOf: URL(fileURLWithPath: Self.scene)))
    let lines = run.output.split(separator: "\n").map { Data($0.utf8) }
    let files = try lines.map { line in
      let object = try #require(JSONSerialization.jsonObject(with: line) as? [String: Any])
      #expect(object["caption"] is String && object["token_ids"] is [Int] && object["score"] is NSNull)
      return try #require(object["file"] as? String)
    }
    #expect(files == ["\(images)/cat.jpg", "\(images)/coffee.jpg", "-"] && run.status == 0)
  }

  @Test func csvIsQuoted() throws {
    let folder = try TemporaryFolder()
    let image = try folder.write(Data(contentsOf: URL(fileURLWithPath: Self.scene)), to: "a, \"b\".png")
    let run = try Command.run(
      [
        "caption", "--model", Self.model, "--format", "csv", "--num-beams", "2", "--max-length", "5",
        image.path,
      ])
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 2 && lines[0] == "file,caption,score")
    #expect(lines[1].hasPrefix("\"\(folder.url.path)/a, \"\"b\"\".png\","))
  }

  @Test func someBadImagesAreStatusOne() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data("not an image".utf8), to: "bad.jpg")
    try folder.write(Data(contentsOf: URL(fileURLWithPath: Self.scene)), to: "good.png")
    let run = try Command.run(["caption", "--model", Self.model, folder.url.path])
    #expect(run.status == 1)
    #expect(run.output.split(separator: "\n").count == 1 && run.output.contains("good.png\t"))
    #expect(run.errors.contains("bad.jpg: ") && run.errors.split(separator: "\n").count == 1)
  }

  @Test(arguments: [
    (["caption", "--model", "/nowhere", scene], 2, "/nowhere"),
    (["caption", "--model", "/nowhere", "x.png"], 2, "/nowhere"),
    (["caption", "--model", model, "--num-beams", "0", scene], 2, "--num-beams"),
    (["caption", "--model", model, "--max-length", "0", scene], 2, "--max-length"),
    (["caption", "--model", model, "--num-return-sequences", "3", scene], 2, "--num-return-sequences"),
    (["caption", "--model", model, "--num-beams", "1025", scene], 2, "1024"),
    (["caption", "--model", model, "--batch-size", "0", scene], 64, "--batch-size"),
    (["caption", "--model", model, "--threads", "0", scene], 64, "1 to 1024"),
    (["caption", "--model", model, "--threads", "100000", scene], 64, "1 to 1024"),
    (["caption", "--model", model, "--dtype", "int4", scene], 64, "--dtype"),
    (["caption", "--model", model], 64, "images"),
  ])
  func mistakesAreExplainedInALine(arguments: [String], status: Int32, mention: String) throws {
    let run = try Command.run(arguments)
    #expect(run.status == status && run.output == "")
    #expect(run.errors.contains(mention), "\(run.errors)")
  }

  /// What can't be read is named as it was given, in its turn, and the rest is captioned.
  @Test func wrongPathsDontStopTheOthers() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(contentsOf: URL(fileURLWithPath: Self.scene)), to: "photos/a.png")
    try folder.write(Data("not an image".utf8), to: "photos/b.png")
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("empty"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: folder.url.appendingPathComponent("loop.png").path, withDestinationPath: "loop.png")
    let run = try Command.run(
      ["caption", "--model", Self.model, "nowhere.jpg", "empty", "photos", "loop.png"], in: folder.url)
    #expect(run.status == 1)
    #expect(run.output.hasPrefix("photos/a.png\t") && run.output.split(separator: "\n").count == 1)
    let lines = run.errors.split(separator: "\n")
    #expect(
      lines == [
        "no images in empty", "nowhere.jpg: there is no such file",
        "photos/b.png: not an image: the content is neither JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC nor JPEG XL",
        "loop.png: too many levels of symbolic links",
      ], "\(run.errors)")
  }

  @Test(arguments: [["empty"], ["notes"], ["nowhere.jpg"], ["empty", "notes", "nowhere.jpg"]])
  func nothingToCaptionIsNoSuccess(images: [String]) throws {
    let folder = try TemporaryFolder()
    try folder.write(Data("text".utf8), to: "notes/read.me")
    try folder.write(Data(contentsOf: URL(fileURLWithPath: Self.scene)), to: "empty/.hidden/a.png")
    let run = try Command.run(["caption", "--model", Self.model] + images, in: folder.url)
    #expect(run.status == 1 && run.output == "")
    #expect(run.errors.split(separator: "\n").count == images.count, "\(run.errors)")
    for image in images { #expect(run.errors.contains(image), "\(run.errors)") }
  }

  /// Root may list any folder.
  @Test(.enabled(if: geteuid() != 0)) func foldersThatMayNotBeListedAreTold() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(contentsOf: URL(fileURLWithPath: Self.scene)), to: "photos/a.png")
    let secret = folder.url.appendingPathComponent("photos/secret").path
    try FileManager.default.createDirectory(atPath: secret, withIntermediateDirectories: false)
    chmod(secret, 0)
    defer { chmod(secret, 0o700) }
    let run = try Command.run(["caption", "--model", Self.model, "photos"], in: folder.url)
    #expect(run.status == 1 && run.output.hasPrefix("photos/a.png\t"))
    #expect(run.errors.hasPrefix("can't read photos/secret: Permission denied"), "\(run.errors)")
  }

  /// A folder's name may end as an image's does, and what it holds counts. What is neither a file nor a folder would
  /// be waited for.
  @Test func foldersAreWalkedForFilesAlone() throws {
    let folder = try TemporaryFolder()
    let image = try Data(contentsOf: URL(fileURLWithPath: Self.scene))
    try folder.write(image, to: "photos/a.png/b.png")
    try folder.write(image, to: "photos/c.JPG")
    #expect(mkfifo(folder.url.appendingPathComponent("photos/d.png").path, 0o600) == 0)
    try FileManager.default.createSymbolicLink(
      atPath: folder.url.appendingPathComponent("link").path, withDestinationPath: "photos")
    let run = try Command.run(
      ["caption", "--model", Self.model, "--max-length", "5", "link"], in: folder.url)
    #expect(run.status == 0 && run.errors == "", "\(run.errors)")
    let names = run.output.split(separator: "\n").map { $0.prefix { $0 != "\t" } }
    #expect(names == ["link/a.png/b.png", "link/c.JPG"])
  }

  /// What is an image by its name or its first bytes is captioned or named; a text among images isn't.
  @Test func imagesInFoldersNeverVanish() throws {
    let folder = try TemporaryFolder()
    let scene = try Data(contentsOf: URL(fileURLWithPath: Self.scene))
    try folder.write(Data("\0\0\0\u{18}ftypheic\0\0\0\0mif1heic".utf8), to: "photos/a.heic")
    try folder.write(Data("II*\0\u{8}\0\0\0\0\0".utf8), to: "photos/b")
    try folder.write(Data("\0\0\0\u{1C}ftypavif\0\0\0\0avifmif1miaf".utf8), to: "photos/c.bin")
    try folder.write(Data([0xFF, 0x0A, 0]), to: "photos/d.jxl")
    try folder.write(scene, to: "photos/e")
    try folder.write(Data("%!PS-Adobe-3.0 EPSF-3.0\n".utf8), to: "photos/g.eps")
    try folder.write(Data("a list of photographs".utf8), to: "photos/f.txt")
    let run = try Command.run(["caption", "--model", Self.model, "photos"], in: folder.url)
    #expect(run.status == 1 && run.output.hasPrefix("photos/e\t"), "\(run.output)")
    #expect(run.output.split(separator: "\n").count == 1)
    let lines = run.errors.split(separator: "\n")
    let formats = [
      ("a.heic", "HEIC"), ("b", "TIFF"), ("c.bin", "AVIF"), ("d.jxl", "JPEG XL"), ("g.eps", "PostScript"),
    ]
    let areNamed = zip(formats, lines).allSatisfy { $1.hasPrefix("photos/\($0.0): ") && $1.contains($0.1) }
    #expect(lines.count == 5 && areNamed, "\(run.errors)")
  }

  @Test func pipesAreReadToTheirEnd() throws {
    let run = try Command.run(
      ["caption", "--model", Self.model, "/dev/stdin"],
      input: Data(contentsOf: URL(fileURLWithPath: Self.scene))
    )
    #expect(run.status == 0 && run.output.hasSuffix("TheThe\n"), "\(run.errors)")
  }

  @Test func standardInputThatIsClosedIsTold() throws {
    let run = try Command.run(["caption", "--model", Self.model, Self.scene, "-"], redirecting: "<&-")
    #expect(run.status == 1 && run.output.hasPrefix("\(Self.scene)\t"))
    #expect(run.errors == "-: bad file descriptor\n", "\(run.errors)")
  }

  /// Results that are lost are no success.
  @Test(arguments: [
    (">&-", "Bad file descriptor"),
    ("> /dev/full", "No space left on device; make room there, then run it again"),
  ])
  func standardOutputThatCantBeWrittenIsAnError(redirection: String, reason: String) throws {
    guard redirection == ">&-" || FileManager.default.fileExists(atPath: "/dev/full") else { return }
    for images in [[Self.scene], [Self.scene, Self.scene]] {
      let run = try Command.run(["caption", "--model", Self.model] + images, redirecting: redirection)
      #expect(run.status == 2)
      #expect(run.errors == "vignette: can't write standard output: \(reason)\n", "\(run.errors)")
    }
  }

  /// An image's name is one field of one line.
  @Test func namesDontBreakLines() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(contentsOf: URL(fileURLWithPath: Self.scene)), to: "photos/a\nb\tc.png")
    try folder.write(Data("not an image".utf8), to: "photos/d\ne.png")
    let run = try Command.run(["caption", "--model", Self.model, "photos"], in: folder.url)
    #expect(
      run.output.hasPrefix(#"photos/a\nb\tc.png"# + "\t") && run.output.split(separator: "\n").count == 1)
    #expect(run.errors.hasPrefix(#"photos/d\ne.png: not an image"#), "\(run.errors)")
  }

  @Test(arguments: [
    ("abc", "VIGNETTE_NUM_THREADS must be a number of threads, but is abc"),
    ("-3", "VIGNETTE_NUM_THREADS must be a number of threads, but is -3"),
    ("100000", "VIGNETTE_NUM_THREADS is 100000, more threads than there can be; using 1024"),
  ])
  func variablesThatDontDoAreTold(value: String, warning: String) throws {
    let variables = ["VIGNETTE_NUM_THREADS": value]
    let arguments = ["caption", "--model", Self.model, "--max-length", "5", Self.scene, Self.scene]
    let run = try Command.run(arguments, variables: variables)
    #expect(run.status == 0 && run.output.split(separator: "\n").count == 2)
    #expect(run.errors.hasPrefix("vignette: \(warning)") && run.errors.split(separator: "\n").count == 1)
    #expect(try Command.run(arguments + ["--threads", "1"], variables: variables).errors == "")
  }

  @Test func limitOfPixels() throws {
    let run = try Command.run(["caption", "--model", Self.model, "--max-image-pixels", "100", Self.scene])
    #expect(run.status == 1 && run.errors.contains("--max-image-pixels"))
  }

  @Test func noBatchIsTooLarge() throws {
    let run = try Command.run(["caption", "--model", Self.model, "--batch-size", "\(Int.max)", Self.scene])
    #expect(run.status == 0, "\(run.errors)")
  }
}
