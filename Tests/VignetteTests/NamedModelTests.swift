import Foundation
import Testing
import Vignette
import VignetteTestSupport

/// Folders of the shapes, and with the files, of models that people have caption as Transformers does with them.
@Suite struct NamedModelTests {
  struct Row: Decodable {
    struct Options: Decodable {
      let numBeams: Int?
      let maxLength: Int?
    }
    let options: Options
    let sequences: [[Int]]
    let captions: [String]

    var generation: GenerationOptions {
      GenerationOptions(maxLength: options.maxLength, numBeams: options.numBeams)
    }
  }

  @Test(arguments: ["manga-ocr", "distilvit", "chinese"])
  func captionsEqualTransformers(name: String) async throws {
    let folder = Fixture.url("named/\(name)")
    let rows = try Fixture.json([Row].self, "named/\(name)/caption.json", fromSnakeCase: true)
    let captioner = try await Captioner(modelAt: folder)
    let image = folder.appendingPathComponent("scene.png")
    #expect(rows.count > 1)
    for row in rows {
      let caption = try await captioner.caption(image, generation: row.generation)
      #expect(caption.tokenIDs == row.sequences[0], "\(row.options)")
      #expect(caption.text == row.captions[0].trimmingCharacters(in: .whitespacesAndNewlines))
    }
  }

  /// manga-ocr's program makes images grey, and cleans up what it has read.
  @Test func aReaderMakesImagesGrey() async throws {
    let rows = try Fixture.json([Row].self, "named/manga-ocr/caption.json", fromSnakeCase: true)
    var options = CaptionerOptions()
    options.convertsToGrey = true
    options.textCleanup = .mangaOCR
    let captioner = try await Captioner(modelAt: Fixture.url("named/manga-ocr"), options: options)
    // The same scene in colour.
    let image = Fixture.url("named/distilvit/scene.png")
    for row in rows {
      let caption = try await captioner.caption(image, generation: row.generation)
      #expect(caption.tokenIDs == row.sequences[0], "\(row.options)")
      #expect(caption.text == TextCleanup.mangaOCR.clean(row.captions[0]) && !caption.text.contains(" "))
    }
    let run = try Command.run([
      "caption", "--model", Fixture.url("named/manga-ocr").path, "--do_grayscale", "--text-cleanup",
      "manga-ocr",
      image.path,
    ])
    #expect(
      run.status == 0 && run.output == TextCleanup.mangaOCR.clean(rows[0].captions[0]) + "\n", "\(run.errors)"
    )
  }

  /// Each is a captioner to `inspect`, with the tokenizer that its own files name.
  @Test(arguments: [
    ("manga-ocr", "decoder bert"), ("distilvit", "decoder gpt2"), ("chinese", "decoder gpt2"),
  ])
  func eachIsACaptioner(name: String, decoder: String) throws {
    let run = try Command.run(["inspect", Fixture.url("named/\(name)").path])
    #expect(run.status == 0 && run.output.contains("encoder vit, \(decoder)"), "\(run.output)")
  }
}
