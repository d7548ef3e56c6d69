public import Foundation
import VignetteFiles
import VignetteImages
import VignetteTrainer

/// An image whose captions are watched in the course of a run.
public struct ValidationImage: Sendable, Hashable {
  /// What the model said at one evaluation.
  public struct Caption: Sendable, Hashable, Codable {
    public var epoch: Double
    public var step: Int
    public var text: String

    public init(epoch: Double, step: Int, text: String) {
      self.epoch = epoch
      self.step = step
      self.text = text
    }
  }

  /// The file's name.
  public var name: String
  /// The file's bytes: PNG, JPEG, GIF or WebP.
  public var data: Data
  public var references: [String]
  /// In the order of the evaluations.
  public var captions: [Caption]

  public init(name: String, data: Data, references: [String], captions: [Caption] = []) {
    self.name = name
    self.data = data
    self.references = references
    self.captions = captions
  }

  /// The image as a URL that holds it; nil for bytes of another kind.
  var dataURL: String? {
    Self.mediaType(data).map { "data:\($0);base64,\(data.base64EncodedString())" }
  }

  static func mediaType(_ data: Data) -> String? {
    if data.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "image/png" }
    if data.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
    if data.starts(with: "GIF8".utf8) { return "image/gif" }
    if data.starts(with: "RIFF".utf8), data.dropFirst(8).starts(with: "WEBP".utf8) { return "image/webp" }
    return nil
  }
}

/// An image for a page that holds it.
enum PageImage {
  private static let largestFile = 400_000
  private static let longestSide = 640

  /// The file as it is if it is small and browsers know its kind, else a smaller PNG; nil if it can't be read.
  static func data(contentsOf url: URL) -> Data? {
    guard let file = try? FileSystem.data(url) else { return nil }
    if file.count <= largestFile, ValidationImage.mediaType(file) != nil { return file }
    return (try? ImageDecoder.decode(file)).flatMap(smaller)
  }

  private static func smaller(_ image: RGBImage) -> Data? {
    let scale = min(1, Double(longestSide) / Double(max(1, image.width, image.height)))
    let (width, height) = (Double(image.width) * scale, Double(image.height) * scale)
    let resized = try? image.resized(
      width: max(1, Int(width.rounded())), height: max(1, Int(height.rounded())), resampling: .bicubic)
    return (try? resized.map(PNGEncoder.encode))?.map { Data($0) }
  }
}

/// The part of the page that shows images and captions.
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
}
