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
    /// What is unusual about it and keeps nothing from captioning.
    public let remarks: [String]
  }

  /// What ``ModelInitializer`` makes of a folder that is no captioner.
  public enum Half: String, Sendable, CaseIterable {
    case encoder
    case decoder
  }

  public let folder: URL
  public let parts: [Part]
  /// As which halves of a new captioner the folder serves.
  public let halves: [Half]

  /// Whether every part is there and fits the others, as far as names, shapes and sizes tell; the weights' values are
  /// known when they are loaded.
  public var isCaptioner: Bool { parts.allSatisfy { $0.problem == nil } }

  /// - Throws: `FileError` or `SystemError` where the folder has no config.json to tell anything from.
  public init(of folder: URL) throws {
    self.folder = folder
    let config = try JSONField(contentsOf: folder.appendingPathComponent("config.json"))
    let described = Result { try CaptionFamily.describedModel(at: folder) }
    let model = try? described.get()
    var parts = [
      Part("model") { _ in
        _ = try described.get()
        return Self.kind(of: config)
      },
      Part("weights") { _ in
        let summary = try Self.weights(in: folder)
        if model != nil { try CaptionFamily.checkWeights(at: folder) }
        return summary
      },
      Part("tokenizer") { try Self.tokenizer(in: folder, config, of: model, &$0) },
      Part("image processor") { _ in
        let processor = try ImageProcessor(contentsOf: folder)
        let size = processor.outputSize.map { ", \($0.height) × \($0.width) pixels" } ?? ""
        return processor.kind.className + size
      },
    ]
    if let model { parts.append(Part("generation") { try Self.generation(in: folder, of: model, &$0) }) }
    self.parts = parts
    halves = Half.allCases.filter { $0.isServed(by: folder) }
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

  private static func tokenizer(
    in folder: URL, _ config: JSONField, of model: (any CaptionModel)?, _ remarks: inout [String]
  ) throws -> String {
    let type: String? = try? config["decoder"]["model_type"].optional()
    let tokenizer = try AutoTokenizer.load(
      from: folder, modelType: model?.configuration.textModelType ?? type)
    if let model { remarks += VocabularyFit(tokenizer, model).map { ["\($0)"] } ?? [] }
    return "\(tokenizer.vocabularySize) tokens"
  }

  private static func generation(
    in folder: URL, of model: any CaptionModel, _ remarks: inout [String]
  ) throws -> String {
    let checkpoint = try CheckpointGeneration(in: folder, of: model)
    let options = checkpoint.options
    let ids: [(String, [Int]?)] = [
      ("eos_token_id", options.eosTokenIDs), ("pad_token_id", options.padTokenID.map { [$0] }),
      ("bos_token_id", options.bosTokenID.map { [$0] }), ("suppress_tokens", options.suppressTokens),
      ("begin_suppress_tokens", options.beginSuppressTokens),
    ]
    for (name, ids) in ids {
      guard let id = ids?.first(where: { !(0..<model.vocabularySize).contains($0) }) else { continue }
      remarks.append("\(name) \(id) is no token of the model, which has 0 to \(model.vocabularySize - 1)")
    }
    remarks += checkpoint.warnings
    return try options.resolved(for: model).summary
  }
}

extension ModelInspection.Part {
  fileprivate init(_ name: String, _ inspect: (_ remarks: inout [String]) throws -> String) {
    self.name = name
    var remarks: [String] = []
    do {
      (summary, problem) = (try inspect(&remarks), nil)
    } catch {
      (summary, problem) = (nil, "\(error)")
    }
    self.remarks = remarks
  }
}

extension ModelInspection.Half {
  /// Whether all files are there, and names and shapes of weights fit the configuration.
  fileprivate func isServed(by folder: URL) -> Bool {
    do {
      switch self {
      case .encoder: try EncoderSource.pretrained(folder).load().model.checkAsEncoder()
      case .decoder: try DecoderSource.pretrained(folder).load { _ in }.model.checkAsDecoder()
      }
      return true
    } catch {
      return false
    }
  }
}
