import Foundation
import VignetteFiles
import VignetteImages
import VignetteTestSupport
import Testing

@Suite struct ImageProcessorTests {
  /// A preprocessor_config.json, what Transformers writes for it, and what its processor makes of images.
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    struct Result: Decodable, Sendable {
      let from: [Int]
      let to: [Int]
      let pixels: UInt32
      let values: UInt32
      let first: [Float]
    }

    let configuration: String
    let written: String
    let results: [Result]

    var testDescription: String { configuration }

    static let all = (try? Fixture.json([Case].self, "imaging/processors.json")) ?? []
  }

  private func processor(_ configuration: String, file: String = "preprocessor_config.json") throws
    -> ImageProcessor
  {
    let folder = try TemporaryFolder()
    try folder.write(Data(configuration.utf8), to: file)
    return try ImageProcessor(contentsOf: folder.url)
  }

  private func check(_ processor: ImageProcessor, against results: [Case.Result]) throws {
    for result in results {
      let image = try processor.pixels(pattern(width: result.from[0], height: result.from[1]))
      #expect(image.width == result.to[0] && image.height == result.to[1])
      #expect(crc32(image.pixels) == result.pixels)
      if let size = processor.outputSize { #expect(size == (image.height, image.width)) }

      var values = [Float](repeating: .nan, count: image.pixels.count)
      values.withUnsafeMutableBufferPointer { processor.normalize(image, into: $0) }
      let plane = image.width * image.height
      #expect((0..<3).map { values[$0 * plane] } == result.first)
      #expect(values.withUnsafeBytes { crc32($0) } == result.values)
    }
  }

  @Test func fixturesAreThere() {
    #expect(Case.all.count > 20)
  }

  @Test(arguments: Case.all)
  func pixelValuesAreTransformers(_ example: Case) throws {
    try check(processor(example.configuration), against: example.results)
  }

  @Test(arguments: Case.all)
  func whatTransformersWritesReadsTheSame(_ example: Case) throws {
    try check(processor(example.written), against: example.results)
  }

  @Test(arguments: Case.all)
  func whatIsWrittenReadsBack(_ example: Case) throws {
    let original = try processor(example.configuration)
    let written = String(decoding: original.preprocessorConfiguration(), as: UTF8.self)
    #expect(try processor(written) == original)
  }

  @Test(arguments: ImageProcessorKind.allCases)
  func defaultsAreTheClasss(_ kind: ImageProcessorKind) throws {
    let named = try processor(#"{"image_processor_type": "\#(kind.className)"}"#)
    #expect(named == ImageProcessor(kind: kind))
  }

  /// Bytes are resized here, and numbers there: a value is off by less than one of 255 levels.
  @Test func valuesOfDINOv3() throws {
    struct Case: Decodable {
      let from: [Int]
      let values: [Float]
    }
    let processor = try processor(
      #"{"image_processor_type": "DINOv3ViTImageProcessorFast", "size": {"height": 8, "width": 6}}"#)
    for example in try Fixture.json([Case].self, "imaging/dinov3.json") {
      var values = [Float](repeating: .nan, count: example.values.count)
      try values.withUnsafeMutableBufferPointer {
        try processor.pixelValues(pattern(width: example.from[0], height: example.from[1]), into: $0)
      }
      let differences = zip(values, example.values).map { abs($0 - $1) }
      #expect(differences.allSatisfy { $0 < 1 / 255 / 0.224 }, "\(differences.max() ?? .nan)")
    }
  }

  @Test func theSectionOfProcessorConfigComesFirst() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      Data(#"{"image_processor_type": "BlipImageProcessor"}"#.utf8), to: "preprocessor_config.json")
    let combined =
      #"{"image_processor": {"image_processor_type": "ViTImageProcessorFast", "size": 32}, "x": 1}"#
    try folder.write(Data(combined.utf8), to: "processor_config.json")
    #expect(try ImageProcessor(contentsOf: folder.url).outputSize ?? (0, 0) == (32, 32))

    try folder.write(Data(#"{"processor_class": "X"}"#.utf8), to: "processor_config.json")
    #expect(try ImageProcessor(contentsOf: folder.url).kind == .blip)
  }

  @Test func aMissingClassCanBeGiven() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data(#"{"size": 32}"#.utf8), to: "preprocessor_config.json")
    #expect(try ImageProcessor(contentsOf: file, defaultKind: .deit).kind == .deit)
    #expect(throws: JSONError.self) { try ImageProcessor(contentsOf: file) }
  }

  @Test(arguments: [
    (#"{"image_processor_type": "DonutImageProcessor"}"#, "image_processor_type", "DonutImageProcessor"),
    (#"{"image_processor_type": 5}"#, "image_processor_type", "expected a string, found 5"),
    (#"{"do_resize": 1}"#, "do_resize", "true or false"),
    (#"{"size": "large"}"#, "size", "expected an integer, [height, width] or an object"),
    (#"{"size": 0}"#, "size", "0 is not between"),
    (#"{"size": {"height": -3, "width": 4}}"#, "size", "-3 is not between"),
    (#"{"size": {"height": 1e9, "width": 4}}"#, "size", "is not between"),
    (#"{"size": {"height": 3.5, "width": 4}}"#, "size.height", "expected an integer, found 3.5"),
    (#"{"size": {"height": 3}}"#, "size", "found height"),
    (#"{"size": [1, 2, 3]}"#, "size", "expected height and width"),
    (#"{"size": null}"#, "size", "do_resize"),
    (#"{"resample": 9}"#, "resample", "9"),
    (#"{"resample": "bicubic"}"#, "resample", "expected an integer"),
    (#"{"do_center_crop": true}"#, "crop_size", "do_center_crop"),
    (#"{"crop_size": {"shortest_edge": 3}}"#, "crop_size", "height and width"),
    (#"{"crop_size": 32768}"#, "crop_size", "32768 × 32768 are more pixels"),
    (#"{"rescale_factor": "1/255"}"#, "rescale_factor", "number"),
    (#"{"image_mean": [0.5, 0.5]}"#, "image_mean", "3 numbers"),
    (#"{"image_mean": null}"#, "image_mean", "do_normalize"),
    (#"{"image_std": [0.5, 0, 0.5]}"#, "image_std", "zero"),
    (#"{"image_std": {"r": 1}}"#, "image_std", "list of numbers"),
    ("[]", "", "expected an object, found []"),
  ])
  func wrongFieldsAreNamed(configuration: String, field: String, reason: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data(configuration.utf8), to: "preprocessor_config.json")
    let error = try #require(throws: JSONError.self) {
      try ImageProcessor(contentsOf: folder.url, defaultKind: .vit)
    }
    #expect(error.description.hasPrefix("\(file.path): \(field)"))
    #expect(error.description.contains(reason), "\(error)")
  }

  @Test func textThatIsNoJSONIsNamedByItsLine() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data("{".utf8), to: "preprocessor_config.json")
    let error = try #require(throws: JSONError.self) { try ImageProcessor(contentsOf: folder.url) }
    #expect("\(error)" == "\(file.path):1:2: expected a key in double quotes, but the text ends here")
  }

  @Test func aMissingFileIsNamed() throws {
    let folder = try TemporaryFolder()
    let error = try #require(throws: FileError.self) {
      try ImageProcessor(contentsOf: folder.url)
    }
    #expect(
      error.description
        == "\(folder.url.path)/preprocessor_config.json: there is no such file; it says how images are "
        + "resized and normalised: fetch it with the model's other files")
  }

  @Test func aShapeThatWouldGrowWithoutBoundsIsAnError() throws {
    var processor = ImageProcessor(kind: .clip)
    processor.size = .shortestEdge(20_000)
    let strip = pattern(width: 1, height: 3000)
    #expect(throws: ImageError.self) { try processor.pixels(strip) }
    processor.size = .within(height: 10, width: 10)
    #expect(throws: ImageError.self) { try processor.pixels(strip) }
  }
}
