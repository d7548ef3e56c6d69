import Foundation
import Vignette
import VignetteFiles
import VignetteImages
import VignetteLibrary

extension Target {
  /// Jobs over libraries of images, and what they go on from; websites.
  static let libraryTargets: [Target] = [
    Target(name: "tar", seeds: { try await archives($0) }) { folder, _ in
      let output = folder.appendingPathComponent("out.jsonl")
      let file = folder.appendingPathComponent("x.tar")
      let summary = try await LibraryFuzz.run([file.path], [RowFile(at: output, format: JSONLinesFormat())])
      // Every row is one, and each image has its own.
      try LibraryFuzz.mustSucceed("rows") { try RowFile(at: output, format: JSONLinesFormat()).prepare() }
      if summary.problems > 0 { throw LibraryFuzz.Refusal() }
    },
    Target(name: "webdataset", seeds: { try await archives($0, as: "x-000000.tar") }) { folder, _ in
      let url = folder.appendingPathComponent("x.tar")
      _ = try await LibraryFuzz.run(
        LibraryFuzz.images, [WebDatasetFile(at: url, maximumSize: 1 << 16)])
      try LibraryFuzz.mustSucceed("archives") { try WebDatasetFile(at: url, maximumSize: 1 << 16).prepare() }
    },
    Target(name: "job", seeds: { try await jobs($0) }) { folder, _ in
      _ = try await LibraryFuzz.goOn(in: folder)
      // What is done is done, whatever it went on from.
      let before = try Sample(contentsOf: folder)
      let again: JobSummary
      do { again = try await LibraryFuzz.goOn(in: folder) } catch {
        fatalError("a second run doesn't work: \(error)")
      }
      guard again.captioned + again.reused + again.failed == 0 else {
        fatalError("a second run finds something to do: \(again)")
      }
      guard try LibraryFuzz.outputs(of: Sample(contentsOf: folder)) == LibraryFuzz.outputs(of: before) else {
        fatalError("a second run changes an output")
      }
    },
    Target(name: "site", seeds: { _ in sites }) { folder, _ in
      _ = try AltCache(at: folder.appendingPathComponent("cache.jsonl"))
      let gaps = try SiteGaps(folder)
      let texts = Dictionary(uniqueKeysWithValues: gaps.images.map { ($0, "a [dog] & \"cat\" {{ x }}") })
      for page in gaps.pages {
        let (_, planned) = try gaps.difference(page, texts)
        let filled = try gaps.fill(page, texts)
        guard filled.count == planned.count else { fatalError("not what was planned was filled") }
      }
      let rest = try SiteGaps(folder)
      guard rest.unreadPages.count == gaps.unreadPages.count,
        rest.pages.allSatisfy({ $0.gaps.allSatisfy { $0.image == nil } })
      else { fatalError("what was filled is still a gap") }
    },
  ]

  // MARK: Archives

  /// Archives with images as several programs write them.
  private static func archives(_ scratch: URL, as name: String = "x.tar") async throws -> [Sample] {
    let url = scratch.appendingPathComponent("made.tar")
    let sink = WebDatasetFile(at: url, maximumSize: 1 << 20)
    _ = try await LibraryFuzz.run(LibraryFuzz.images, [sink])
    let made = try Seeds.data(scratch.appendingPathComponent("made-000000.tar"))
    let image = try Seeds.bytes("models/vit-gpt2/scene.png")
    let long = String(repeating: "d/", count: 60) + "a.png"
    let record = "path=\(long)\n"
    // The length counts its own digits.
    let pax = "\(record.utf8.count + 4) \(record)"
    let end = [UInt8](repeating: 0, count: 1024)
    let others = [
      member("././@LongLink", "L", Array("\(long)\0".utf8)) + member("short", "0", image),
      member("PaxHeaders/a", "x", Array(pax.utf8)) + member("short", "0", image),
      member("folder/", "5", []) + member("folder/b.png", "0", image) + member("l.png", "2", []),
    ]
    return [Sample(name, made)] + others.map { Sample(name, $0 + end) }
  }

  private static func member(_ name: String, _ type: Unicode.Scalar, _ bytes: [UInt8]) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
      header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    let size = String(bytes.count, radix: 8)
    put(name, at: 0)
    put("0000644", at: 100)
    put(String(repeating: "0", count: 11 - size.count) + size, at: 124)
    put("00000000000", at: 136)
    put(String(type), at: 156)
    put("ustar\000", at: 257)
    let padding = [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
    return TarChecksums.mended(header + bytes + padding)
  }

  // MARK: Jobs

  /// What a job leaves when it is done, and when something ends it before.
  private static func jobs(_ scratch: URL) async throws -> [Sample] {
    var samples: [Sample] = []
    for isDone in [true, false] {
      let folder = scratch.appendingPathComponent("done-\(isDone)")
      try FolderMaker.make(folder)
      do {
        _ = try await LibraryFuzz.goOn(in: folder, isFinished: isDone)
      } catch is LibraryFuzz.Refusal {}
      samples.append(try Sample(contentsOf: folder))
    }
    var withoutJournal = samples[0]
    withoutJournal.files.removeAll { $0.name == "journal" }
    return samples + [withoutJournal]
  }

  // MARK: Sites

  private static var sites: [Sample] {
    let html = """
      <!DOCTYPE html><html><head><title>a <img src=a.png></title><base href="."><meta charset="utf-8"></head>
      <body><!-- <img src=a.png> --><IMG SRC='a.png' class=x><img src="b/c%20d.png"/><img alt="" src=a.png>
      <script>"<img src=a.png>"</script><template><img src=a.png></template><img data-src=a.png src="data:x">
      <pre><img srcset="a.png 1x, b.png 2x"></pre>{{ "<img src=a.png>" }}<% x %><?php echo "<img src=a.png>" ?>
      <img src="&#97;.png" role="presentation"><svg><![CDATA[<img src=a.png>]]></svg><img src=a.png></body></html>
      """
    let markdown = """
      ---
      title: "![](a.png)"
      ---
      # Head ![](a.png "title")

      > - ![](<b/c d.png>) and `![](a.png)` \\![](a.png) ![x](a.png) ![][one] ![One][]

          ![](a.png)

      1. ```md
         ![](a.png)
         ```
      <img src="a.png"> <!-- ![](a.png) -->

      [one]: a.png 'A title'
      """
    let xml =
      "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"><img src=\"a.png\"/><script/></html>"
    let cache = "{\"image\": \"a\", \"settings\": \"b\", \"caption\": \"c\", \"score\": -1.5}\n"
    let utf16: [UInt8] = [0xFF, 0xFE] + html.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let images = [("a.png", "a"), ("b/c d.png", "b")].map { (name: $0.0, bytes: Array($0.1.utf8)) }
    return [
      Sample([("index.html", Array(html.utf8)), ("cache.jsonl", Array(cache.utf8))] + images),
      Sample([("post.md", Array(markdown.utf8))] + images), Sample([("x.xhtml", Array(xml.utf8))] + images),
      Sample([("wide.html", utf16)] + images),
    ]
  }
}

/// Jobs with a captioner that needs no model.
private enum LibraryFuzz {
  struct Refusal: Error {}

  /// Two images and a file that is none.
  static let images = ["models/vit-gpt2/scene.png", "blip/blip/scene.png", "models/vit-gpt2/config.json"].map
  {
    Seeds.url($0).path
  }

  private struct StillCaptioner: BatchCaptioner {
    func captions(of images: [RGBImage], isLast: Bool) async throws -> [Result<[Caption], any Error>] {
      images.map { image in
        let caption = Caption(text: "shade, \"\(image.pixels.first ?? 0)\"", score: -0.5)
        return .success([caption, Caption(text: "other", score: -1)])
      }
    }
  }

  /// Ends a job when all is received but nothing is finished.
  private final class Brake: CaptionSink {
    func receive(_ record: CaptionRecord) throws {}
    func finish() throws { throw Refusal() }
  }

  static func run(
    _ inputs: [String], _ sinks: [any CaptionSink], journal: URL? = nil
  ) async throws -> JobSummary {
    var options = JobOptions(captionKey: ContentHash([1, 2, 3] as [UInt8]))
    options.journal = journal
    options.maximumPixels = 1 << 20
    options.readerCount = 1
    options.batchSize = 2
    var processor = ImageProcessor(kind: .vit)
    processor.size = .exactly(height: 2, width: 2)
    let job = LibraryJob(ImageInputs(inputs), sinks: sinks, options: options, processor: processor) {
      StillCaptioner()
    }
    return try await job.run()
  }

  /// Goes on with a job that writes each kind of output.
  static func goOn(in folder: URL, isFinished: Bool = true) async throws -> JobSummary {
    func url(_ name: String) -> URL { folder.appendingPathComponent(name) }
    let metadata = MetadataFormat(file: Seeds.url("metadata.jsonl"))
    let sinks: [any CaptionSink] = [
      RowFile(at: url("a.jsonl"), format: JSONLinesFormat()), RowFile(at: url("b.csv"), format: CSVFormat()),
      RowFile(at: url("metadata.jsonl"), format: metadata),
      DocumentFile(at: url("c.json"), format: COCOResultsFormat()),
      DocumentFile(at: url("d.json"), format: KohyaFormat()),
    ]
    return try await run(images, (isFinished ? [] : [Brake()]) + sinks, journal: url("journal"))
  }

  /// Without the journal, which may get shorter.
  static func outputs(of sample: Sample) -> Sample { Sample(sample.files.filter { $0.name != "journal" }) }

  static func mustSucceed(_ what: String, _ body: () throws -> Void) throws {
    do { try body() } catch { fatalError("\(what) that were written can't be read: \(error)") }
  }
}
