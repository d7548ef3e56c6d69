extension ModelCard {
  /// The card's text.
  var body: String {
    let title = "# \(Markdown.escape(name))\n\n\(Markdown.escape(summary))"
    return [title, results, Self.use, settingsSection, versionsSection].compactMap(\.self)
      .joined(separator: "\n\n")
  }

  private var results: String? {
    guard let result else { return nil }
    let place =
      dataset.map { " on the \(Markdown.escape($0.split)) split of \(Markdown.escape($0.name))" } ?? ""
    var parts = [
      "## Results",
      "Measured\(place); the row of the model kept here, after step \(result.step), is in bold. \(EvaluationRecord.scales)",
      table,
    ]
    if let health {
      parts.append("Of the last evaluation's captions, \(Markdown.escape(health.summary)).")
      parts += health.warnings.map { "> **Look out:** \(Markdown.escape($0))" }
    }
    return parts.joined(separator: "\n\n")
  }

  private var table: String {
    let metrics = result?.metrics ?? []
    let rows = records.map { record in
      let cells = record.cells(of: metrics)
      return record.step == result?.step ? cells.map { "**\($0)**" } : cells
    }
    let titles =
      ["Epoch", "Step", "Training loss", "Validation loss"] + metrics.map { Markdown.escape($0.name) }
    return Markdown.table(titles, rows, leftColumns: 0)
  }

  private static let use = """
    ## Use

    On the command line, with Vignette:

    ```sh
    vignette caption --model path/to/this/folder photo.jpg
    ```

    In Swift:

    ```swift
    import Foundation
    import Vignette

    let captioner = try Captioner(modelAt: URL(fileURLWithPath: "path/to/this/folder"))
    let caption = try captioner.caption(imageAt: URL(fileURLWithPath: "photo.jpg"))
    ```

    In Python, with Transformers:

    ```python
    from PIL import Image
    from transformers import AutoImageProcessor, AutoTokenizer, VisionEncoderDecoderModel

    folder = "path/to/this/folder"
    model = VisionEncoderDecoderModel.from_pretrained(folder)
    processor = AutoImageProcessor.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)

    image = Image.open("photo.jpg").convert("RGB")
    pixel_values = processor(images=image, return_tensors="pt").pixel_values
    print(tokenizer.batch_decode(model.generate(pixel_values), skip_special_tokens=True)[0])
    ```
    """

  private var settingsSection: String? { Self.section("Training settings", settings) }

  private var versionsSection: String? { Self.section("Versions", versions) }

  private static func section(_ title: String, _ settings: [Setting]) -> String? {
    guard !settings.isEmpty else { return nil }
    let rows = settings.map { [Markdown.escape($0.name), Markdown.escape($0.value)] }
    return "## \(title)\n\n" + Markdown.table(["Name", "Value"], rows, leftColumns: 2)
  }
}
