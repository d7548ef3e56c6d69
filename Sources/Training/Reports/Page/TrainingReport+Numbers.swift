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
      if let loss = result.validationLoss { facts.append(Setting("Validation loss", LineChart.label(loss))) }
      let shown = ["rougel", "bleu_4", "cider"]
      facts += result.metrics.filter { shown.contains($0.key.lowercased()) }
        .map { Setting($0.name, LineChart.label($0.value)) }
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
        let last = series.points.last.map { LineChart.label($0.value) } ?? ""
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
    let groups = Self.families.map { title, keys in (title, keys.compactMap { series(named: "eval_\($0)") }) }
    let grouped = Set(Self.families.flatMap(\.keys))
    let others = (records.last?.metrics ?? []).filter { !grouped.contains($0.key) }
      .map { ($0.name, [series(named: "eval_\($0.key)")].compactMap(\.self)) }
    return
      ([
        (
          "Loss",
          [series(named: "loss", as: "Training"), series(named: "eval_loss", as: "Validation")].compactMap(
            \.self)
        )
      ]
      + groups + others
      + [
        ("Caption variety", CaptionHealth.logKeys.compactMap { series(named: "eval_\($0)") }),
        ("Learning rate", [series(named: "learning_rate", as: "Learning rate")].compactMap(\.self)),
        ("Gradient norm", [series(named: "grad_norm", as: "Before clipping")].compactMap(\.self)),
      ]).compactMap { LineChart(title: $0.0, series: $0.1) }
  }

  // Metrics that share a scale share a chart.
  private static let families: [(title: String, keys: [String])] = [
    ("ROUGE", ["rouge1", "rouge2", "rougeL", "rougeLsum"]),
    ("BLEU", ["bleu_1", "bleu_2", "bleu_3", "bleu_4"]),
  ]

  private func series(named key: String, as name: String? = nil) -> LineChart.Series? {
    let points = history.compactMap { entry in
      entry[key].map { LineChart.Point(epoch: entry.epoch, step: entry.step, value: $0) }
    }
    guard !points.isEmpty else { return nil }
    let isEvaluation = key.hasPrefix("eval_")
    let metric = Metric(isEvaluation ? String(key.dropFirst("eval_".count)) : key, 0)
    return LineChart.Series(name: name ?? metric.name, points: points, hasMarks: isEvaluation)
  }

  var evaluationsSection: String? {
    let records = records
    guard let first = records.first else { return nil }
    let titles = ["Epoch", "Step", "Training loss", "Validation loss"] + first.metrics.map(\.name)
    let rows = records.map { record in
      let values =
        [record.trainingLoss, record.validationLoss]
        + first.metrics.map { metric in record.metrics.first { $0.key == metric.key }?.value }
      let cells =
        [EvaluationTable.epoch(record.epoch), String(record.step)]
        + values.map { $0.map(LineChart.label) ?? "–" }
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
      \(health.map { "<p class=\"note\">At the last evaluation \(HTML.escape($0.summary)).</p>" } ?? "")
      """
    let isMarked = records.contains { $0.step == bestStep }
    return Self.section("Evaluations", note: isMarked ? "the model kept is marked" : nil, table)
  }
}
