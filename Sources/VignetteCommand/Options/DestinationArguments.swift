import ArgumentParser
import VignetteLibrary

/// Where captions go besides the lines or the file of rows: beside images, into them, into a report.
struct DestinationArguments: ParsableArguments {
  /// Whether any is asked for.
  var isEmpty: Bool { true }

  /// What is asked for.
  ///
  /// - Parameters:
  ///   - existing: what becomes of captions that are there already.
  ///   - roots: the folders and files that were given as arguments, as they were given.
  /// - Throws: what is wrong with the options' values.
  func sinks(existing: ExistingMode, roots: [String]) throws -> [any CaptionSink] { [] }
}
