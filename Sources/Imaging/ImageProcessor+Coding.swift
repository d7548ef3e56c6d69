import Foundation

/// The fields of `preprocessor_config.json`; others are ignored.
private enum Field: String, CodingKey {
  case imageProcessorType = "image_processor_type"
  case featureExtractorType = "feature_extractor_type"
  case doResize = "do_resize"
  case size
  case defaultToSquare = "default_to_square"
  case resample
  case doCenterCrop = "do_center_crop"
  case cropSize = "crop_size"
  case doRescale = "do_rescale"
  case rescaleFactor = "rescale_factor"
  case doNormalize = "do_normalize"
  case imageMean = "image_mean"
  case imageStd = "image_std"
  case doConvertRGB = "do_convert_rgb"
}

extension ImageProcessor: DecodableWithConfiguration {
  /// Decodes the object of a `preprocessor_config.json`, in the spellings of all versions.
  ///
  /// A field that is missing has its class's default; one that is null has none, as in Transformers.
  ///
  /// - Parameter configuration: The kind to assume where no class is named.
  public init(from decoder: Decoder, configuration: ImageProcessorKind?) throws {
    let fields = FieldReader(container: try decoder.container(keyedBy: Field.self))
    self = try fields.kind(default: configuration).defaults

    doResize = try fields.flag(.doResize, default: doResize)
    doCenterCrop = try fields.flag(.doCenterCrop, default: doCenterCrop)
    doRescale = try fields.flag(.doRescale, default: doRescale)
    doNormalize = try fields.flag(.doNormalize, default: doNormalize)
    let square = try fields.flag(.defaultToSquare, default: kind.defaultsToSquare)

    if let sides = try fields.value(.size, SizeValue.self, neededFor: doResize ? .doResize : nil) {
      size = try sides.imageSize(numberIsSquare: square)
    }
    if let number = try fields.value(.resample, Int.self, neededFor: doResize ? .doResize : nil) {
      guard let known = Resampling(rawValue: number) else {
        throw fields.failure(.resample, "\(number) is not one of Pillow's filters, 0 to 5")
      }
      resample = known
    }
    if let sides = try fields.value(.cropSize, SizeValue.self, neededFor: nil) {
      cropSize = try sides.cropSize()
    }
    guard !doCenterCrop || cropSize != nil else {
      throw fields.failure(.cropSize, "it must be set, as do_center_crop is")
    }
    rescaleFactor =
      try fields.value(.rescaleFactor, Double.self, neededFor: doRescale ? .doRescale : nil) ?? rescaleFactor
    imageMean = try fields.channels(.imageMean, neededFor: doNormalize ? .doNormalize : nil) ?? imageMean
    imageStd = try fields.channels(.imageStd, neededFor: doNormalize ? .doNormalize : nil) ?? imageStd
    guard imageStd.allSatisfy({ $0 != 0 }) else {
      throw fields.failure(.imageStd, "pixel values can't be divided by zero")
    }
  }
}

extension ImageProcessor: Encodable {
  public func encode(to encoder: Encoder) throws {
    var container = encoder.container(keyedBy: Field.self)
    try container.encode(kind.className, forKey: .imageProcessorType)
    try container.encode(true, forKey: .doConvertRGB)
    try container.encode(doResize, forKey: .doResize)
    try container.encode(SizeValue(size).sides, forKey: .size)
    try container.encode(resample, forKey: .resample)
    try container.encode(doCenterCrop, forKey: .doCenterCrop)
    try container.encodeIfPresent(cropSize.map { SizeValue($0).sides }, forKey: .cropSize)
    try container.encode(doRescale, forKey: .doRescale)
    try container.encode(rescaleFactor, forKey: .rescaleFactor)
    try container.encode(doNormalize, forKey: .doNormalize)
    try container.encode(imageMean, forKey: .imageMean)
    try container.encode(imageStd, forKey: .imageStd)
  }
}

/// Reads fields with errors that name them.
private struct FieldReader {
  let container: KeyedDecodingContainer<Field>

  func failure(_ field: Field, _ reason: String) -> ImageProcessorError {
    ImageProcessorError(path: nil, field: field.rawValue, reason: reason)
  }

  /// The value of a field; nil where it is missing, or null and not needed.
  func value<Value: Decodable>(
    _ field: Field, _ type: Value.Type, neededFor needy: Field?
  ) throws -> Value? {
    guard container.contains(field) else { return nil }
    if try container.decodeNil(forKey: field) {
      guard let needy else { return nil }
      throw failure(field, "it must not be null, as \(needy.rawValue) is set")
    }
    do {
      return try container.decode(type, forKey: field)
    } catch {
      let expected =
        switch type {
        case is Bool.Type: "true or false"
        case is Int.Type: "a whole number"
        case is Double.Type: "a number"
        case is String.Type: "a text"
        case is SizeValue.Type: "a whole number, [height, width] or an object of whole numbers"
        default: "a number or a list of numbers"
        }
      throw failure(field, "its value has the wrong type; expected \(expected)")
    }
  }

  /// A switch, off where it is null.
  func flag(_ field: Field, default: Bool) throws -> Bool {
    guard container.contains(field) else { return `default` }
    return try value(field, Bool.self, neededFor: nil) ?? false
  }

  func kind(default: ImageProcessorKind?) throws -> ImageProcessorKind {
    for field in [Field.imageProcessorType, .featureExtractorType] {
      guard let name = try value(field, String.self, neededFor: nil) else { continue }
      if let kind = ImageProcessorKind(className: name) { return kind }
      let known = ImageProcessorKind.allCases.map(\.className).joined(separator: ", ")
      throw failure(field, "\(name) is not supported; supported are \(known)")
    }
    guard let `default` else {
      throw failure(.imageProcessorType, "it is missing; name a class such as ViTImageProcessor")
    }
    return `default`
  }

  /// One number for each channel, or one for all.
  func channels(_ field: Field, neededFor needy: Field?) throws -> [Double]? {
    guard let numbers = try value(field, ChannelValue.self, neededFor: needy)?.numbers else { return nil }
    guard numbers.count == 3, numbers.allSatisfy(\.isFinite) else {
      throw failure(field, "expected 3 numbers, one per channel, but found \(numbers.count)")
    }
    return numbers
  }
}

/// A number for each channel: a list, or one number that stands for all three.
private struct ChannelValue: Decodable {
  let numbers: [Double]

  init(from decoder: Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      numbers = [number, number, number]
    } else {
      numbers = try container.decode([Double].self)
    }
  }
}
