import Foundation
import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteModels
import VignetteTensors
import VignetteTestSupport

/// Models written in another type than float32.
@Suite struct WeightsTypeTests {
  @Test(arguments: WeightsType.allCases, WeightsFormat.allCases)
  func aFolderHoldsRoundedWeights(type: WeightsType, format: WeightsFormat) throws {
    let model = try ReferenceModel("vit-gpt2").load()
    let folder = try TemporaryFolder()
    try model.save(to: folder.url, format: format, dtype: type)
    let loaded = try CaptionFamily.loadModel(at: folder.url)
    #expect(loaded.parameters.map(\.name) == model.parameters.map(\.name))
    let digits: Float = type == .float32 ? 0 : type == .float16 ? 0x1p-11 : 0x1p-8
    for (own, other) in zip(loaded.parameters, model.parameters) {
      for (rounded, value) in zip(own.value.floats, other.value.floats) {
        // Half precision's smallest numbers are 2⁻²⁴ apart.
        let least: Float = type == .float16 ? 0x1p-25 : 0
        #expect(abs(rounded - value) <= max(digits * abs(value), least), "\(own.name)")
      }
    }
    let weights = try FileManager.default.attributesOfItem(
      atPath: folder.url.appendingPathComponent(format.fileName).path)
    let count = model.parameters.reduce(0) { $0 + $1.count }
    let size = try #require(weights[.size] as? Int)
    #expect(abs(size - count * type.elementType.byteSize) < 64_000)
  }

  /// Transformers makes a model of the type that the configuration names.
  @Test(arguments: WeightsType.allCases)
  func theConfigurationNamesTheType(type: WeightsType) throws {
    let folder = try TemporaryFolder()
    try ReferenceModel("vit-gpt2").load().save(to: folder.url)
    let file = folder.url.appendingPathComponent("config.json")
    guard case .object(var members) = try JSONValue(contentsOf: file),
      case .object(var decoder)? = members["decoder"]
    else { throw FileError(file.path, "is no configuration") }
    members["dtype"] = nil
    members["torch_dtype"] = "float16"
    decoder["dtype"] = "float64"
    members["decoder"] = .object(decoder)
    try JSONValue.object(members).write(to: file)

    let written = try TemporaryFolder()
    try CaptionFamily.loadModel(at: folder.url).save(to: written.url, dtype: type)
    let config = try JSONValue(contentsOf: written.url.appendingPathComponent("config.json"))
    #expect(config["torch_dtype"] == .string(type.rawValue) && config["dtype"] == nil)
    #expect(config["decoder"]?["dtype"] == .string(type.rawValue))
  }

  @Test func aConfigurationWithoutATypeNamesOneThatIsNotUsual() {
    let bare: JSONValue = ["model_type": "vit"]
    #expect(WeightsType.float32.stated(in: bare) == bare)
    #expect(WeightsType.bfloat16.stated(in: bare) == ["model_type": "vit", "dtype": "bfloat16"])
  }
}
