package import Foundation
import VignetteFiles

/// What a folder holds of a model, as the names in it tell.
package struct ModelFolder {
  private static let configuration = "config.json"

  private let url: URL

  package init(_ url: URL) { self.url = url }

  /// Whether there is no config.json, without which there is no model. One that may not be looked at counts as there:
  /// opening it says why.
  package var lacksConfiguration: Bool { Self.isMissing(url.appendingPathComponent(Self.configuration)) }

  /// Whether there are no weights, or not all files of them.
  package var lacksWeights: Bool {
    let found = try? WeightsLocation.find(in: url, formats: WeightsFormat.allCases)
    guard let found else { return true }
    // A link in a cache may lead to what was removed.
    return !found.shards.allSatisfy { FileSystem.exists($0.url) }
  }

  /// Whether a model that is written here would replace another one.
  package var isTaken: Bool {
    names.contains { name in
      name == Self.configuration || WeightsFormat.allCases.contains { $0.owns(name) }
    }
  }

  /// The name of the last checkpoint that a training run left here; nil if there is none.
  package var newestCheckpoint: String? {
    names.compactMap(CheckpointName.step).sorted(by: >).map(CheckpointName.name)
      .first { !ModelFolder(url.appendingPathComponent($0, isDirectory: true)).lacksConfiguration }
  }

  /// The name of a file of llama.cpp's here, which this program doesn't read; nil if there is none.
  package var ggufFile: String? { names.sorted().first(where: Self.isGGUF) }

  /// Whether a file is one of llama.cpp's by its name.
  package static func isGGUF(_ name: String) -> Bool { name.lowercased().hasSuffix(".gguf") }

  private var names: [String] { (try? FileName.list(url.path)) ?? [] }

  private static func isMissing(_ file: URL) -> Bool {
    FileSystem.kind(of: file.path) == nil && errno == ENOENT
  }
}

/// The names of a training run's checkpoint folders, as Hugging Face's Trainer gives them: `checkpoint-<step>`.
package enum CheckpointName {
  private static let prefix = "checkpoint-"

  package static func name(step: Int) -> String { "\(prefix)\(step)" }

  /// The step of a checkpoint's name; nil for any other name, such as `checkpoint-007`.
  package static func step(of name: String) -> Int? {
    guard name.hasPrefix(prefix), let step = Int(name.dropFirst(prefix.count)), step >= 0,
      self.name(step: step) == name
    else { return nil }
    return step
  }
}
