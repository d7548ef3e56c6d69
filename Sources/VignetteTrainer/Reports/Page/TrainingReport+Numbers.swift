/// The part of the page that shows numbers: what came out, the curves, the evaluations.
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

  private var facts: [Setting] {
    var facts: [Setting] = []
    if let result {
      if let loss = result.validationLoss {
        facts.append(Setting("Validation loss", EvaluationTable.number(loss, decimals: 4)))
      }
      let shown = ["rougel", "bleu_4", "cider"]
      facts += result.metrics.filter { shown.contains($0.key.lowercased()) }
        .map { Setting($0.name, $0.text) }
    }
    if let last = history.last {
      facts.append(Setting("Epochs", EvaluationTable.epoch(last.epoch)))
      facts.append(Setting("Steps", String(last.step)))
    }
    if let runtime = history.last(where: { $0["train_runtime"] != nil })?["train_runtime"] {
      facts.append(Setting("Time", ProgressState.time(runtime)))
    }
    return facts
  }

  private var warnings: [String] {
    (health?.warnings ?? []).map { warning in
      "<p class=\"warning\"><strong>Look out:</strong> \(HTML.escape(warning))</p>"
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
        ("Caption health", CaptionHealth.logKeys.map { series(of: Metric($0, 0)) }),
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
      <p class="note">\(HTML.escape(EvaluationRecord.scales))\
      \(health.map { " At the last evaluation, \(HTML.escape($0.summary))." } ?? "")</p>
      """
    let isMarked = records.contains { $0.step == bestStep }
    return Self.section("Evaluations", note: isMarked ? "the model kept is marked" : nil, table)
  }
}
