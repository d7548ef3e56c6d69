public import VignetteFiles

extension ImageProcessor {
  /// Reads the object of a `preprocessor_config.json`, in the spellings of all versions; other fields are ignored.
  ///
  /// A field that is missing has its class's default; one that is null has none, as in Transformers.
  ///
  /// - Parameter defaultKind: The kind to assume where no class is named.
  /// - Throws: ``ImageProcessorError``.
  public init(_ json: JSONField, defaultKind: ImageProcessorKind? = nil) throws {
    do {
      try self.init(FieldReader(root: json, object: try json.value()), defaultKind: defaultKind)
    } catch let error as JSONFieldError {
      throw ImageProcessorError(
        path: error.file, field: error.key.isEmpty ? nil : error.key,
        reason: "expected \(error.expected), found \(error.found)")
    }
  }

  private init(_ fields: FieldReader, defaultKind: ImageProcessorKind?) throws {
    self = try fields.kind(default: defaultKind).defaults

    doResize = try fields.flag("do_resize", default: doResize)
    doCenterCrop = try fields.flag("do_center_crop", default: doCenterCrop)
    doRescale = try fields.flag("do_rescale", default: doRescale)
    doNormalize = try fields.flag("do_normalize", default: doNormalize)
    let square = try fields.flag("default_to_square", default: kind.defaultsToSquare)

    if let sides: SizeValue = try fields.value("size", neededFor: doResize ? "do_resize" : nil) {
      size = try sides.imageSize(numberIsSquare: square)
    }
    if let number: Int = try fields.value("resample", neededFor: doResize ? "do_resize" : nil) {
      guard let known = Resampling(rawValue: number) else {
        throw fields.failure("resample", "\(number) is not one of Pillow's filters, 0 to 5")
      }
      resample = known
    }
    if let sides: SizeValue = try fields.value("crop_size") { cropSize = try sides.cropSize() }
    guard !doCenterCrop || cropSize != nil else {
      throw fields.failure("crop_size", "it must be set, as do_center_crop is")
    }
    rescaleFactor =
      try fields.value("rescale_factor", neededFor: doRescale ? "do_rescale" : nil) ?? rescaleFactor
    imageMean = try fields.channels("image_mean", neededFor: doNormalize ? "do_normalize" : nil) ?? imageMean
    imageStd = try fields.channels("image_std", neededFor: doNormalize ? "do_normalize" : nil) ?? imageStd
    guard imageStd.allSatisfy({ $0 != 0 }) else {
      throw fields.failure("image_std", "pixel values can't be divided by zero")
    }
  }

  /// The object of a `preprocessor_config.json` that `AutoImageProcessor` reads.
  public var json: JSONObject {
    var object: JSONObject = [
      "image_processor_type": .string(kind.className), "do_convert_rgb": true, "do_resize": .bool(doResize),
      "size": size.json, "resample": .int(resample.rawValue), "do_center_crop": .bool(doCenterCrop),
      "do_rescale": .bool(doRescale), "rescale_factor": .double(rescaleFactor),
      "do_normalize": .bool(doNormalize), "image_mean": .array(imageMean.map { .double($0) }),
      "image_std": .array(imageStd.map { .double($0) }),
    ]
    if let cropSize { object["crop_size"] = cropSize.json }
    return object
  }
}

/// Reads fields with errors that name them.
private struct FieldReader {
  let root: JSONField
  let object: JSONObject

  func failure(_ field: String, _ reason: String) -> ImageProcessorError {
    ImageProcessorError(path: root.file, field: root[field].key, reason: reason)
  }

  /// The value of a field; nil where it is missing, or null and not needed.
  func value<Value: JSONReadable>(_ field: String, neededFor needy: String? = nil) throws -> Value? {
    if let needy, object[field] == .null {
      throw failure(field, "it must not be null, as \(needy) is set")
    }
    return try root[field].optional()
  }

  /// A switch, off where it is null.
  func flag(_ field: String, default: Bool) throws -> Bool {
    guard object[field] != nil else { return `default` }
    return try value(field) ?? false
  }

  func kind(default: ImageProcessorKind?) throws -> ImageProcessorKind {
    for field in ["image_processor_type", "feature_extractor_type"] {
      guard let name: String = try value(field) else { continue }
      if let kind = ImageProcessorKind(className: name) { return kind }
      let known = ImageProcessorKind.allCases.map(\.className).joined(separator: ", ")
      throw failure(field, "\(name) is not supported; supported are \(known)")
    }
    guard let `default` else {
      throw failure("image_processor_type", "it is missing; name a class such as ViTImageProcessor")
    }
    return `default`
  }

  /// One number for each channel, or one for all.
  func channels(_ field: String, neededFor needy: String?) throws -> [Double]? {
    guard let numbers = try (value(field, neededFor: needy) as ChannelValue?)?.numbers else { return nil }
    guard numbers.count == 3, numbers.allSatisfy(\.isFinite) else {
      throw failure(field, "expected 3 numbers, one per channel, but found \(numbers.count)")
    }
    return numbers
  }
}

/// A number for each channel: a list, or one number that stands for all three.
private struct ChannelValue: JSONReadable {
  static let jsonKind = "a number or a list of numbers"

  let numbers: [Double]

  init(json: JSONValue, at field: JSONField) throws {
    switch json {
    case .array: numbers = try field.value()
    case _ where json.asNumber != nil: numbers = Array(repeating: try field.value(), count: 3)
    default: throw field.mismatch(expected: Self.jsonKind)
    }
  }
}
