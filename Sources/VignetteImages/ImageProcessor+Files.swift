public import Foundation
import VignetteFiles

extension ImageProcessor {
  /// Reads the image processor of a checkpoint folder, or of a file like `preprocessor_config.json`.
  ///
  /// In a folder, the `image_processor` section of `processor_config.json` comes before `preprocessor_config.json`.
  ///
  /// - Parameters:
  ///   - url: A folder or a file.
  ///   - defaultKind: What to take the processor for where the file names no class.
  /// - Throws: ``ImageProcessorError``.
  public init(contentsOf url: URL, defaultKind: ImageProcessorKind? = nil) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
      try self.init(Self.json(url), defaultKind: defaultKind)
      return
    }
    let combined = url.appendingPathComponent("processor_config.json")
    if FileManager.default.fileExists(atPath: combined.path) {
      let section = try Self.json(combined)["image_processor"]
      if section.isPresent {
        try self.init(section, defaultKind: defaultKind)
        return
      }
    }
    try self.init(Self.json(url.appendingPathComponent("preprocessor_config.json")), defaultKind: defaultKind)
  }

  /// The text of a `preprocessor_config.json` that `AutoImageProcessor` reads, as Transformers spells it.
  public func preprocessorConfiguration() -> Data {
    Data((JSONValue.object(json).text(.config) + "\n").utf8)
  }

  /// More than any such file has.
  private static let maximumFileSize = 1 << 28

  private static func json(_ url: URL) throws -> JSONField {
    do {
      let text = try FileContents.bytes(of: url, limit: maximumFileSize)
      return JSONField(try JSONValue(parsing: text, file: url.path), file: url.path)
    } catch let error as JSONSyntaxError {
      throw ImageProcessorError(
        path: url.path, field: nil,
        reason: "not a JSON object: \(error.problem) at line \(error.line), column \(error.column)")
    } catch let error as FileContentsError {
      throw ImageProcessorError(path: url.path, field: nil, reason: error.description)
    }
  }
}
