public import Foundation
import VignetteFiles

extension DatasetKind {
  /// The kind of data set that an annotation file belongs to, by its name and its first bytes; nil for another text.
  ///
  /// - Throws: `SystemError` if it can't be read.
  public init?(annotationFile url: URL) throws {
    let file = try MappedFile(at: url)
    let start = file.withUnsafeBytes(0..<min(file.count, 4096)) { String(decoding: $0, as: UTF8.self) }
    switch (url.lastPathComponent, url.pathExtension) {
    case ("metadata.jsonl", _), ("metadata.csv", _): self = .imagefolder
    // The sentences of an image come with it; in COCO's files, captions have a list of their own.
    case (_, "json"):
      self = start.contains("\"sentids\"") || start.contains("\"sentences\"") ? .karpathy : .coco
    case (_, "csv") where start.hasPrefix("image_name"): self = .flickr30k
    case (_, "token"): self = .flickr30k
    case (let name, _) where name.hasSuffix(".token.txt"): self = .flickr8k
    case _ where start.hasPrefix("image,caption"): self = .flickr8k
    default: return nil
    }
  }
}
