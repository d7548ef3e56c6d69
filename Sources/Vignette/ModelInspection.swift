public import Foundation
import VignetteCheckpoints
import VignetteFiles
import VignetteImages
import VignetteModels
import VignetteTokenizers

/// What a checkpoint folder is and what is in it, told without loading its weights.
public struct ModelInspection: Sendable {
  /// What a captioner is made of, or what keeps this one from captioning.
  public struct Part: Sendable {
    /// Such as "weights".
    public let name: String
    /// What there is; nil where it can't be used.
    public let summary: String?
    /// Why it can't be used: the file, and what is wrong with it.
    public let problem: String?
  }

  public let folder: URL
  public let parts: [Part]

  /// Whether every part is there. Whether the weights fit the model is known when they are loaded.
  public var isCaptioner: Bool { parts.allSatisfy { $0.problem == nil } }

  /// - Throws: `FileError` or `SystemError` where the folder has no config.json to tell anything from.
  public init(of folder: URL) throws {
    self.folder = folder
    let config = try JSONField(contentsOf: folder.appendingPathComponent("config.json"))
    parts = [
      Part("model") {
        try CaptionFamily.check(folder)
        return Self.kind(of: config)
      },
      Part("weights") { try Self.weights(in: folder) },
      Part("tokenizer") {
        "\(try AutoTokenizer.load(from: folder, modelType: try? Self.textType(of: config)).vocabularySize) tokens"
      },
      Part("image processor") {
        let processor = try ImageProcessor(contentsOf: folder)
        let size = processor.outputSize.map { ", \($0.height) × \($0.width) pixels" } ?? ""
        return processor.kind.className + size
      },
    ]
  }

  /// The model's type and its halves'.
  private static func kind(of config: JSONField) -> String {
    let halves = ["encoder", "decoder", "vision_config", "text_config"].compactMap { key -> String? in
      let type: String? = try? config[key]["model_type"].optional()
      return type.map { "\(key) \($0)" }
    }
    let whole: String? = try? config["model_type"].optional()
    return ([whole ?? "?"] + halves).joined(separator: ", ")
  }

  private static func textType(of config: JSONField) throws -> String? {
    try config["decoder"]["model_type"].optional()
  }

  private static func weights(in folder: URL) throws -> String {
    let checkpoint = try CheckpointFolder(at: folder)
    let tensors = try checkpoint.names.map(checkpoint.tensor)
    let types = Set(tensors.map { "\($0.elementType)" }).sorted().joined(separator: ", ")
    let count = tensors.reduce(0) { $0 + $1.elementCount }
    let bytes = tensors.reduce(0) { $0 + $1.byteCount }
    return
      "\(count) in \(Quantity(tensors.count, "tensor")), \(types), \(ByteCount(bytes)) of \(checkpoint.format.rawValue) in "
      + "\(Quantity(checkpoint.weightFiles.count, "file"))"
  }
}

extension ModelInspection.Part {
  fileprivate init(_ name: String, _ inspect: () throws -> String) {
    self.name = name
    do {
      (summary, problem) = (try inspect(), nil)
    } catch {
      (summary, problem) = (nil, "\(error)")
    }
  }
}
