public import Foundation
import VignetteEvaluation
import VignetteFiles
public import VignetteTrainer

/// `training-report.html`: a run on one page that needs nothing beside it.
///
/// Curves, evaluations, validation images with their captions epoch by epoch, and the settings. There are no
/// scripts; whatever comes from data is escaped.
public struct TrainingReport: Sendable {
  public static let fileName = "training-report.html"

  public var title: String
  /// What was trained on what, in a sentence.
  public var summary: String
  public var history: [LogEntry]
  /// The step of the evaluation whose model is kept.
  public var bestStep: Int?
  /// Of the captions of the last evaluation.
  public var health: CaptionHealth?
  public var images: [ValidationImage]
  public var settings: [SettingValue]
  /// How warnings call options, which stand in them in backquotes.
  public var spelling: @Sendable (String) -> String = { $0 }

  public init(
    title: String, summary: String, history: [LogEntry], bestStep: Int? = nil, health: CaptionHealth? = nil,
    images: [ValidationImage] = [], settings: [SettingValue] = []
  ) {
    self.title = title
    self.summary = summary
    self.history = history
    self.bestStep = bestStep
    self.health = health
    self.images = images
    self.settings = settings
  }

  /// Writes the page to `url`, all or nothing.
  public func write(to url: URL) throws {
    try AtomicFile.write(Array(html().utf8), to: url)
  }

  /// The page.
  public func html() -> String {
    let sections = [curvesSection, evaluationsSection, imagesSection, settingsSection]
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(HTML.escape(title)) – training report</title>
      <style>
      \(Self.styleSheet)
      </style>
      </head>
      <body>
      <main>
      \(header)
      \(sections.compactMap(\.self).joined(separator: "\n"))
      </main>
      <footer>Written by Vignette</footer>
      </body>
      </html>

      """
  }

  static func section(_ title: String, note: String? = nil, _ content: String) -> String {
    """
    <section>
    <h2>\(title)\(note.map { " <small>\(HTML.escape($0))</small>" } ?? "")</h2>
    \(content)
    </section>
    """
  }
}

/// The part of the page that shows numbers: what came out, the curves, the evaluations, the settings.
extension TrainingReport {
  var records: [EvaluationRecord] { EvaluationRecord.all(in: history) }

  /// The evaluation that counts: of the kept model, else the last.
  private var result: EvaluationRecord? { records.first { $0.step == bestStep } ?? records.last }

  var header: String {
    let tiles = facts.map { fact in
      "<div><dt>\(HTML.escape(fact.name))</dt><dd>\(HTML.escape(fact.value))</dd></div>"
    }
    return """
      <header>
      <p class="kind">Training report</p>
      <h1>\(HTML.escape(title))</h1>
      <p class="summary">\(HTML.escape(summary))</p>
      <dl class="facts">
      \(tiles.joined(separator: "\n"))
      </dl>
      \(warnings.joined(separator: "\n"))
      </header>
      """
  }

  private var facts: [SettingValue] {
    var facts: [SettingValue] = []
    if let result {
      if let loss = result.validationLoss {
        facts.append(SettingValue("Validation loss", EvaluationTable.number(loss, decimals: 4)))
      }
      let shown = ["rougel", "bleu_4", "cider"]
      facts += result.metrics.filter { shown.contains($0.key.lowercased()) }
        .map { SettingValue($0.name, $0.text) }
    }
    if let last = history.last {
      facts.append(SettingValue("Epochs", EvaluationTable.epoch(last.epoch)))
      facts.append(SettingValue("Steps", String(last.step)))
    }
    if let runtime = history.last(where: { $0["train_runtime"] != nil })?["train_runtime"] {
      facts.append(SettingValue("Time", ProgressState.time(runtime)))
    }
    return facts
  }

  private var warnings: [String] {
    (health?.warnings ?? []).map { warning in
      "<p class=\"warning\"><strong>Look out:</strong> \(HTML.escape(spelling(warning)))</p>"
    }
  }

  var curvesSection: String? {
    let figures = charts.map { chart in
      let legend = chart.series.enumerated().map { index, series in
        let name = series.name == chart.title ? "" : HTML.escape(series.name)
        let last = series.points.last.map { series.text($0.value) } ?? ""
        return
          "<span class=\"key\" style=\"--series: var(--series-\(index + 1))\">\(name) <b>\(last)</b></span>"
      }
      return """
        <figure>
        <figcaption><h3>\(HTML.escape(chart.title))</h3>\(legend.joined(separator: "\n"))</figcaption>
        \(chart.svg())
        </figure>
        """
    }
    guard !figures.isEmpty else { return nil }
    return Self.section(
      "Curves", note: "by epoch", "<div class=\"charts\">\n\(figures.joined(separator: "\n"))\n</div>")
  }

  private var charts: [LineChart] {
    let metrics = records.last?.metrics ?? []
    let groups = Self.families.map { title, members in
      (title, metrics.filter { members.contains($0.key.lowercased()) })
    }
    let grouped = Set(groups.flatMap(\.1).map(\.key))
    let others = metrics.filter { !grouped.contains($0.key) }.map { ($0.name, [$0]) }
    let charts =
      [("Loss", [series(of: "loss", as: "Training"), series(of: "eval_loss", as: "Validation")])]
      + (groups + others).map { title, metrics in (title, metrics.map { series(of: $0) }) }
      + [
        ("Caption health", Metric.healthKeys.map { series(of: Metric($0, 0)) }),
        ("Learning rate", [series(of: "learning_rate", as: "Learning rate")]),
        ("Gradient norm", [series(of: "grad_norm", as: "Before clipping")]),
      ]
    return charts.compactMap { LineChart(title: $0.0, series: $0.1) }
  }

  // Metrics that share a scale share a chart.
  private static let families: [(title: String, keys: [String])] = [
    ("ROUGE", ["rouge1", "rouge2", "rougel", "rougelsum", "rouge_l"]),
    ("BLEU", ["bleu_1", "bleu_2", "bleu_3", "bleu_4"]),
  ]

  private func series(of metric: Metric) -> LineChart.Series {
    let values = points("eval_\(metric.key)") { Metric(metric.key, $0).shownValue }
    return LineChart.Series(name: metric.name, points: values, hasMarks: true) {
      EvaluationTable.number($0, decimals: metric.decimals)
    }
  }

  private func series(of key: String, as name: String) -> LineChart.Series {
    LineChart.Series(
      name: name, points: points(key), hasMarks: key.hasPrefix("eval_"), text: LineChart.label)
  }

  private func points(_ key: String, _ shown: (Double) -> Double = { $0 }) -> [LineChart.Point] {
    history.compactMap { entry in
      entry[key].map { LineChart.Point(epoch: entry.epoch, step: entry.step, value: shown($0)) }
    }
  }

  var evaluationsSection: String? {
    let records = records
    guard let first = records.first else { return nil }
    let titles = ["Epoch", "Step", "Training loss", "Validation loss"] + first.metrics.map(\.name)
    let rows = records.map { record in
      let cells = record.cells(of: first.metrics)
      let mark = record.step == bestStep ? " class=\"best\"" : ""
      return "<tr\(mark)>\(cells.map { "<td>\($0)</td>" }.joined())</tr>"
    }
    let table = """
      <div class="scroll"><table class="numbers">
      <thead><tr>\(titles.map { "<th scope=\"col\">\(HTML.escape($0))</th>" }.joined())</tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody>
      </table></div>
      <p class="note">\(HTML.escape(first.scales))\
      \(health.map { " At the last evaluation, \(HTML.escape($0.summary))." } ?? "")</p>
      """
    let isMarked = records.contains { $0.step == bestStep }
    return Self.section("Evaluations", note: isMarked ? "the model kept is marked" : nil, table)
  }

  var settingsSection: String? {
    guard !settings.isEmpty else { return nil }
    let rows = settings.map { setting in
      "<tr><th scope=\"row\">\(HTML.escape(setting.name))</th><td>\(HTML.escape(setting.value))</td></tr>"
    }
    return Self.section(
      "Settings", "<table class=\"settings\"><tbody>\n\(rows.joined(separator: "\n"))\n</tbody></table>")
  }
}
