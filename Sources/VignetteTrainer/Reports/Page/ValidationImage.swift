public import Foundation

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
