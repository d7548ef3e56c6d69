import Foundation

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
      self = try Self.decode(ImageProcessor.self, url, defaultKind)
      return
    }
    let combined = url.appendingPathComponent("processor_config.json")
    if FileManager.default.fileExists(atPath: combined.path),
      let section = try Self.decode(CombinedConfiguration.self, combined, defaultKind).imageProcessor
    {
      self = section
      return
    }
    let file = url.appendingPathComponent("preprocessor_config.json")
    self = try Self.decode(ImageProcessor.self, file, defaultKind)
  }

  /// The text of a `preprocessor_config.json` that `AutoImageProcessor` reads.
  public func preprocessorConfiguration() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  private static func decode<Value: DecodableWithConfiguration>(
    _: Value.Type, _ url: URL, _ defaultKind: ImageProcessorKind?
  ) throws -> Value where Value.DecodingConfiguration == ImageProcessorKind? {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(contentsOf: url), configuration: defaultKind)
    } catch let error as ImageProcessorError {
      throw error.at(url.path)
    } catch is DecodingError {
      throw ImageProcessorError(path: url.path, field: nil, reason: "not a JSON object")
    } catch {
      throw ImageProcessorError(path: url.path, field: nil, reason: error.localizedDescription)
    }
  }

  /// The part of `processor_config.json` that matters here.
  private struct CombinedConfiguration: DecodableWithConfiguration {
    let imageProcessor: ImageProcessor?

    enum CodingKeys: String, CodingKey { case imageProcessor = "image_processor" }

    init(from decoder: Decoder, configuration: ImageProcessorKind?) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      imageProcessor = try container.decodeIfPresent(
        ImageProcessor.self, forKey: .imageProcessor, configuration: configuration)
    }
  }
}
