import Foundation
import VignetteFiles
import VignetteImages

extension Target {
  /// One for each format, by the first bytes of the fixtures.
  static let imageTargets: [Target] = [
    ("jpeg", [0xFF, 0xD8]), ("png", [0x89, 0x50]), ("webp", [0x52, 0x49]), ("gif", [0x47, 0x49]),
    ("bmp", [0x42, 0x4D]), ("tiff", [0x49, 0x49]), ("tiff-big-endian", [0x4D, 0x4D]),
    ("jpeg-xl", [0xFF, 0x0A]),
    // ISO's boxes, whose sizes come first.
    ("avif-heic", [0x00, 0x00, 0x00]),
  ].map { (name: String, signature: [UInt8]) in
    Target(name: name, seeds: { _ in try images().filter { $0.files[0].bytes.starts(with: signature) } }) {
      _, sample in
      for file in sample.files {
        let image = try ImageDecoder.decode(file.bytes, maximumPixels: 1 << 24)
        _ = try ImageProcessor(kind: .vit).pixels(image)
      }
    }
  }

  private static func images() throws -> [Sample] {
    try ["pictures", "lossy", "broken"].flatMap { name in
      try JSONField(contentsOf: Seeds.url("imaging/\(name).json")).elements().compactMap { entry in
        let text: String = try entry["file"].value()
        return Data(base64Encoded: text).map { Sample("image", [UInt8]($0)) }
      }
    }
  }
}
