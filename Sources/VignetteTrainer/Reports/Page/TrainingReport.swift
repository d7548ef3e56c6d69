public import Foundation
import VignetteCheckpoints
import VignetteFiles

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
  public var settings: [Setting]

  public init(
    title: String, summary: String, history: [LogEntry], bestStep: Int? = nil, health: CaptionHealth? = nil,
    images: [ValidationImage] = [], settings: [Setting] = []
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
