public import Foundation
public import VignetteFiles

extension ImageProcessor {
  /// Reads the image processor of a checkpoint folder, or of a file like `preprocessor_config.json`.
  ///
  /// In a folder, the `image_processor` section of `processor_config.json` comes before `preprocessor_config.json`.
  ///
  /// - Parameters:
  ///   - url: A folder or a file.
  ///   - defaultKind: What to take the processor for where the file names no class.
  /// - Throws: `JSONError`, and `SystemError` or `FileError` for a file that can't be read.
  public init(contentsOf url: URL, defaultKind: ImageProcessorKind? = nil) throws {
    guard FileSystem.isFolder(url) else {
      try self.init(JSONField(contentsOf: url), defaultKind: defaultKind)
      return
    }
    let combined = url.appendingPathComponent("processor_config.json")
    if FileSystem.exists(combined) {
      let section = try JSONField(contentsOf: combined)["image_processor"]
      if section.isPresent {
        try self.init(section, defaultKind: defaultKind)
        return
      }
    }
    let file = url.appendingPathComponent("preprocessor_config.json")
    guard FileSystem.exists(file) else {
      throw FileError(
        file.path,
        "there is no such file; it says how images are resized and normalised: fetch it with the model's other files"
      )
    }
    try self.init(JSONField(contentsOf: file), defaultKind: defaultKind)
  }

  /// The text of a `preprocessor_config.json` that `AutoImageProcessor` reads, as Transformers spells it.
  public func preprocessorConfiguration() -> Data {
    Data((JSONValue.object(json).text(.config) + "\n").utf8)
  }
}

extension ImageProcessor {
  /// Reads the object of a `preprocessor_config.json`, in the spellings of all versions; other fields are ignored.
  ///
  /// A field that is missing has its class's default; one that is null has none, as in Transformers.
  ///
  /// - Parameter defaultKind: The kind to assume where no class is named.
  /// - Throws: `JSONError`, and `SystemError` or `FileError` for a file that can't be read.
  public init(_ json: JSONField, defaultKind: ImageProcessorKind? = nil) throws {
    try self.init(FieldReader(root: json, object: try json.value()), defaultKind: defaultKind)
  }

  private init(_ fields: FieldReader, defaultKind: ImageProcessorKind?) throws {
    self = try fields.kind(default: defaultKind).defaults

    doGrayscale = try fields.flag("do_grayscale", default: false)
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
    if doGrayscale { object["do_grayscale"] = true }
    if let cropSize { object["crop_size"] = cropSize.json }
    return object
  }
}

/// Reads fields with errors that name them.
private struct FieldReader {
  let root: JSONField
  let object: JSONObject

  func failure(_ field: String, _ problem: String) -> JSONError {
    root[field].error(problem)
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

/// A size as `preprocessor_config.json` has it: one number, a list of height and width, or named sides.
struct SizeValue: JSONReadable {
  static let jsonKind = "an integer, [height, width] or an object of integers"

  private enum Form {
    case number(Int)
    case list([Int])
    case sides([String: Int])
  }

  private let form: Form
  /// Where it was read, for errors.
  private let field: JSONField

  init(json: JSONValue, at field: JSONField) throws {
    self.field = field
    switch json {
    case .array: form = .list(try field.value())
    case .object:
      // Transformers writes the sides that a size doesn't have as null, in some versions.
      let sides = try field.members().filter(\.field.isPresent).map {
        ($0.name, try $0.field.value(as: Int.self))
      }
      form = .sides(Dictionary(sides) { $1 })
    case _ where json.asNumber != nil: form = .number(try field.value())
    default: throw field.mismatch(expected: Self.jsonKind)
    }
  }

  /// The sides by name.
  private var sides: [String: Int] {
    switch form {
    case .number(let number): ["height": number, "width": number]
    case .list(let list): list.count == 2 ? ["height": list[0], "width": list[1]] : [:]
    case .sides(let sides): sides
    }
  }

  /// - Parameter numberIsSquare: Whether one number stands for both sides, or for the shorter.
  func imageSize(numberIsSquare: Bool) throws -> ImageSize {
    if case .number(let number) = form, !numberIsSquare {
      return .shortestEdge(try check(number))
    }
    let sides = try sides.mapValues { try check($0) }
    if sides.count == 2, let height = sides["height"], let width = sides["width"] {
      return .exactly(height: height, width: width)
    } else if sides.count == 1, let edge = sides["shortest_edge"] {
      return .shortestEdge(edge)
    } else if sides.count == 2, let shortest = sides["shortest_edge"], let longest = sides["longest_edge"] {
      return .edges(shortest: shortest, longest: longest)
    } else if sides.count == 2, let height = sides["max_height"], let width = sides["max_width"] {
      return .within(height: height, width: width)
    }
    let found = sides.isEmpty ? "no such sides" : sides.keys.sorted().joined(separator: " and ")
    throw failure(
      "expected height and width, shortest_edge, shortest_edge and longest_edge, or max_height and "
        + "max_width, but found \(found)")
  }

  func cropSize() throws -> CropSize {
    guard let height = sides["height"], let width = sides["width"], sides.count == 2 else {
      throw failure("expected height and width")
    }
    let size = CropSize(height: try check(height), width: try check(width))
    guard size.height * size.width <= ImageProcessor.maximumOutputPixels else {
      throw failure(
        "\(height) × \(width) are more pixels than an image may have, \(ImageProcessor.maximumOutputPixels)")
    }
    return size
  }

  private func check(_ side: Int) throws -> Int {
    guard (1...ImageProcessor.maximumSide).contains(side) else {
      throw failure("\(side) is not between 1 and \(ImageProcessor.maximumSide)")
    }
    return side
  }

  private func failure(_ problem: String) -> JSONError {
    field.error(problem)
  }
}

extension ImageSize {
  /// The sides by name.
  var json: JSONValue {
    switch self {
    case .exactly(let height, let width): ["height": .int(height), "width": .int(width)]
    case .shortestEdge(let edge): ["shortest_edge": .int(edge)]
    case .edges(let shortest, let longest): ["shortest_edge": .int(shortest), "longest_edge": .int(longest)]
    case .within(let height, let width): ["max_height": .int(height), "max_width": .int(width)]
    }
  }
}

extension CropSize {
  var json: JSONValue { ["height": .int(height), "width": .int(width)] }
}
