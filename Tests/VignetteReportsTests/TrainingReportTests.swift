import Foundation
import VignetteTestSupport
import Testing
import VignetteEvaluation
import VignetteReports
import VignetteTrainer

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct TrainingReportTests {
  private static let hostile = "</title><script>alert(\"1\")</script> & 'quoted'\n\u{0}\u{1B}[31m"
  private static let png = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A])

  private static func history(steps: Int = 40) -> [LogEntry] {
    (1...steps).flatMap { step in
      let epoch = Double(step) / 10
      let training = LogEntry.training(
        loss: step == 7 ? .nan : 10 / Double(step), gradientNorm: step == 9 ? .infinity : 1,
        learningRate: 5e-5,
        epoch: epoch, step: step)
      guard step % 10 == 0 else { return [training] }
      let evaluation = LogEntry.evaluation(
        loss: 3 - epoch / 10, metrics: [("rouge1", 5 * epoch), ("cider", 0.1 * epoch), ("odd<metric", 1)],
        speed: Speed(runtime: 1, samples: 1, steps: 1), epoch: epoch, step: step)
      return [training, evaluation]
    }
  }

  private static let report = TrainingReport(
    title: hostile, summary: hostile, history: history(), bestStep: 30,
    health: CaptionHealth(captions: Array(repeating: hostile, count: 5)),
    images: [
      ValidationImage(
        name: hostile, data: png, references: [hostile, "a \"dog\""],
        captions: [.init(epoch: 1, step: 10, text: hostile), .init(epoch: 3, step: 30, text: "")]),
      ValidationImage(name: "text.txt", data: Data("text".utf8), references: []),
    ], settings: [SettingValue(hostile, hostile)])

  @Test func nothingFromDataIsMarkup() {
    let html = Self.report.html()
    #expect(!html.contains("<script") && !html.contains("</title><s") && !html.contains("\u{0}"))
    #expect(!html.contains("\u{1B}"))
    #expect(html.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;quoted&#39;"))
    #expect(!html.replacing("http://www.w3.org/2000/svg", with: "").contains("http"))
  }

  @Test func theWholePageIsWellFormed() throws {
    // Except that these three elements of HTML have no end.
    let open = /<(meta|img)([^>]*)>/
    let html = Self.report.html().replacing("<!DOCTYPE html>", with: "")
      .replacing(open) { "<\($0.1)\($0.2)/>" }
    let parser = XMLParser(data: Data(html.utf8))
    #expect(parser.parse(), "line \(parser.lineNumber): \(String(describing: parser.parserError))")
  }

  @Test func imagesAreInsideThePage() {
    let html = Self.report.html()
    #expect(html.contains("<img src=\"data:image/png;base64,iVBORw0K\""))
    #expect(html.contains("This image can’t be shown."))
    #expect(
      html.contains(
        "<li class=\"kept\"><span class=\"epoch\" title=\"step 30\">3</span><span><i>no words</i>"))
  }

  @Test func theSameCaptionOfSeveralEvaluationsStandsOnceAndEarlyOnesAreFolded() {
    func html(_ texts: [String]) -> String {
      let captions = texts.enumerated().map {
        ValidationImage.Caption(epoch: Double($0 + 1), step: $0, text: $1)
      }
      let image = ValidationImage(name: "a", data: Data(), references: [], captions: captions)
      return TrainingReport(title: "", summary: "", history: [], images: [image]).html()
    }
    let short = html(["a", "b", "b", "b", "a"])
    #expect(short.contains("title=\"step 1–3\">2–4</span><span>b</span>"))
    #expect(short.ranges(of: "<li").count == 3 && !short.contains("<details>"))
    let long = html((0..<25).map(String.init))
    #expect(long.contains("<summary>15 earlier</summary>") && long.ranges(of: "<li").count == 25)
  }

  @Test func theModelKeptIsMarked() {
    let html = Self.report.html()
    #expect(
      html.contains("<tr class=\"best\"><td>3</td><td>30</td><td>0.3333</td><td>2.7000</td><td>15.00</td>"))
    #expect(html.contains("<div><dt>Validation loss</dt><dd>2.7000</dd></div>"))
    #expect(html.contains("<strong>Look out:</strong> captions are nearly the same for every image"))
  }

  /// As an evaluation logs them, under coco-caption's and rouge_score's names.
  @Test func metricsOfOneScaleShareAChart() {
    let names = [
      "Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "ROUGE_L", "CIDEr", "rouge1", "rouge2", "rougeL", "rougeLsum",
      "gen_len",
      "distinct_captions", "repetition_rate",
    ]
    let history = (1...3).map { epoch in
      LogEntry.evaluation(
        loss: 1, metrics: names.map { ($0, 0.5 * Double(epoch)) },
        speed: Speed(runtime: 1, samples: 1, steps: 1), epoch: Double(epoch), step: epoch)
    }
    let html = TrainingReport(title: "", summary: "", history: history).html()
    let charts = html.matches(of: /<figcaption><h3>([^<]*)<\/h3>((?s).*?)<\/figcaption>/).map { match in
      ([String(match.1)] + match.2.matches(of: /"> ?([^<]*?) <b>/).map { String($0.1) })
        .filter { !$0.isEmpty }
    }
    #expect(
      charts == [
        ["Loss", "Validation"], ["ROUGE", "Rouge1", "Rouge2", "Rougel", "Rougelsum", "ROUGE-L"],
        ["BLEU", "BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4"], ["Gen Len"], ["CIDEr"],
        ["Caption health", "Distinct Captions", "Repetition Rate"],
      ])
    #expect(html.contains("<th scope=\"col\">BLEU-4</th>") && !html.contains("<th scope=\"col\">Distinct"))
  }

  @Test(arguments: [0, 1, 3, 5000])
  func curves(_ steps: Int) throws {
    let report = TrainingReport(
      title: "run", summary: "", history: steps == 0 ? [] : Self.history(steps: steps))
    let html = report.html()
    for number in html.matches(of: /points="([^"]*)"/) {
      #expect(number.1.wholeMatch(of: /([0-9.]+,[0-9.]+ ?)+/) != nil, "\(number.1.prefix(80))")
      #expect(number.1.split(separator: " ").count <= 200)
    }
    #expect(html.contains("<svg") == (steps > 0))
  }

  @Test(arguments: [
    ([0.0, 0.0], "1"), ([5, 5], "4.4"), ([1e-5, 2e-5], "1e-05"), ([-3, 4], "-4"), ([1e20, 2e20], "1e+20"),
    ([0, 1e-300], "1e-300"),
  ])
  func oddRangesHaveTicks(_ values: [Double], _ tick: String) {
    let history = values.enumerated().map {
      LogEntry([("loss", $1)], epoch: Double($0), step: $0)
    }
    let html = TrainingReport(title: "", summary: "", history: history).html()
    let ticks = html.matches(of: /text-anchor="end">([^<]*)</).map { String($0.1) }
    #expect((3...12).contains(ticks.count), "\(ticks)")
    #expect(ticks.contains(tick), "\(ticks)")
  }

  @Test func itIsWrittenWhole() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent(TrainingReport.fileName)
    try Self.report.write(to: url)
    #expect(try String(contentsOf: url, encoding: .utf8) == Self.report.html())
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [TrainingReport.fileName])
  }
}
