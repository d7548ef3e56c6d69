/// The part of the page that shows pictures, captions and settings.
extension TrainingReport {
  var picturesSection: String? {
    guard !pictures.isEmpty else { return nil }
    return Self.section(
      "Validation pictures", note: "the caption at each evaluation",
      "<div class=\"pictures\">\n\(pictures.map(article).joined(separator: "\n"))\n</div>")
  }

  private func article(_ picture: ValidationPicture) -> String {
    let name = HTML.escape(picture.name)
    let image =
      picture.dataURL.map { "<img src=\"\($0)\" alt=\"\(name)\" loading=\"lazy\">" }
      ?? "<p class=\"missing\">This picture can’t be shown.</p>"
    return """
      <article>
      <div class="picture">\(image)<p class="name">\(name)</p></div>
      <div class="texts">
      \(captions(picture.captions))
      \(references(picture.references))
      </div>
      </article>
      """
  }

  private func captions(_ captions: [ValidationPicture.Caption]) -> String {
    let kept = captions.last { $0.step == bestStep } ?? captions.last
    let items = captions.map { caption in
      let mark = caption.step == kept?.step ? " class=\"kept\"" : ""
      let text = caption.text.isEmpty ? "<i>no words</i>" : HTML.escape(caption.text)
      return """
        <li\(mark)><span class="epoch" title="step \(caption.step)">\(EvaluationTable.epoch(caption.epoch))</span>\
        <span>\(text)</span></li>
        """
    }
    return "<h3>Captions by epoch</h3>\n<ol>\n\(items.joined(separator: "\n"))\n</ol>"
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
