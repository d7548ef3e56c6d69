/// The part of the page that shows images, captions and settings.
extension TrainingReport {
  var imagesSection: String? {
    guard !images.isEmpty else { return nil }
    return Self.section(
      "Validation images", note: "the caption at each evaluation",
      "<div class=\"images\">\n\(images.map(article).joined(separator: "\n"))\n</div>")
  }

  private func article(_ image: ValidationImage) -> String {
    let name = HTML.escape(image.name)
    let element =
      image.dataURL.map { "<img src=\"\($0)\" alt=\"\(name)\" loading=\"lazy\">" }
      ?? "<p class=\"missing\">This image can’t be shown.</p>"
    return """
      <article>
      <div class="image">\(element)<p class="name">\(name)</p></div>
      <div class="texts">
      \(captions(image.captions))
      \(references(image.references))
      </div>
      </article>
      """
  }

  // Of a long run, the first captions can be unfolded.
  private static let mostShown = 10

  private func captions(_ captions: [ValidationImage.Caption]) -> String {
    let kept = captions.last { $0.step == bestStep } ?? captions.last
    let items = Self.runs(of: captions).map { item($0, isKept: $0.contains { $0.step == kept?.step }) }
    let early = items.dropLast(items.count > Self.mostShown ? Self.mostShown : items.count)
    let folded =
      early.isEmpty
      ? "" : "<details><summary>\(early.count) earlier</summary>\(Self.list(early))</details>\n"
    return "<h3>Captions by epoch</h3>\n" + folded + Self.list(items.dropFirst(early.count))
  }

  private static func list(_ items: some Sequence<String>) -> String {
    "<ol>\n\(items.joined(separator: "\n"))\n</ol>"
  }

  /// Evaluations in a row that gave the same caption.
  private static func runs(of captions: [ValidationImage.Caption]) -> [[ValidationImage.Caption]] {
    captions.reduce(into: []) { runs, caption in
      if let last = runs.indices.last, runs[last].last?.text == caption.text {
        runs[last].append(caption)
      } else {
        runs.append([caption])
      }
    }
  }

  private func item(_ run: [ValidationImage.Caption], isKept: Bool) -> String {
    let ends = run.count > 1 ? [run[0], run[run.count - 1]] : run
    let epochs = ends.map { EvaluationTable.epoch($0.epoch) }.joined(separator: "–")
    let steps = ends.map { String($0.step) }.joined(separator: "–")
    let text = run[0].text.isEmpty ? "<i>no words</i>" : HTML.escape(run[0].text)
    return """
      <li\(isKept ? " class=\"kept\"" : "")><span class="epoch" title="step \(steps)">\(epochs)</span>\
      <span>\(text)</span></li>
      """
  }

  private func references(_ references: [String]) -> String {
    let items = references.map { "<li>\(HTML.escape($0))</li>" }
    return "<h3>References</h3>\n<ul>\n\(items.joined(separator: "\n"))\n</ul>"
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
