import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteModels
import VignetteTensors
import VignetteTestSupport

/// BLIP and GIT against Transformers': what is checked of each family alike.
@Suite struct FamilyParityTests {
  /// A family's fixture.
  struct Case: CustomTestStringConvertible {
    let part: String
    let name: String

    var testDescription: String { name }

    static let all = [("blip", BLIPTests.names), ("git", GITTests.names)].flatMap { part, names in
      names.map { Case(part: part, name: $0) }
    }

    func load() throws -> (ReferenceModel, any CaptionModel) {
      let reference = try ReferenceModel(name, in: part)
      return (reference, try CaptionFamily.loadModel(at: reference.folder))
    }
  }

  @Test(arguments: Case.all)
  func imagesOfAnotherSize(example: Case) throws {
    let (reference, model) = try example.load()
    let pixels = try reference.tensor("interpolated_pixel_values")
    let image = try model.hiddenStates(pixels, interpolatePositions: true)
    expectClose(image.floats, try reference.tensor("interpolated_encoder_hidden").floats, 1e-5)
    #expect(throws: ModelError.self) { try model.encode(pixels) }
  }

  @Test(arguments: Case.all, [false, true])
  func lossAndGradients(example: Case, recomputes: Bool) throws {
    let (reference, model) = try example.load()
    for parameter in model.parameters { parameter.setTrainable(true) }
    let tape = Tape(recomputes: recomputes)
    let image = try model.encode(tape.watch(reference.tensor("pixel_values")))
    let loss = try Self.loss(reference, model, image)
    expectClose([loss.scalar], [try reference.tensor("loss").scalar], 1e-5)
    tape.backward(from: loss)
    try reference.checkGradients(of: model.parameters)
  }

  /// A prompt before the captions, no label of which counts.
  @Test(arguments: Case.all)
  func promptsAreLeftOutOfTheLoss(example: Case) throws {
    let (reference, model) = try example.load()
    let image = try model.encode(reference.tensor("pixel_values"))
    let loss = try Self.loss(reference, model, image, "prompted_")
    expectClose([loss.scalar], [try reference.tensor("prompted_loss").scalar], 1e-5)
  }

  private static func loss(
    _ reference: ReferenceModel, _ model: any CaptionModel, _ image: ImageFeatures, _ prefix: String = ""
  ) throws -> Tensor {
    let logits = model.logits(tokens: try reference.rows("\(prefix)decoder_input_ids"), features: image)
    return crossEntropy(
      logits, labels: try reference.rows("\(prefix)labels").flatMap { $0 },
      smoothing: model.configuration.labelSmoothing)
  }

  @Test(arguments: Case.all)
  func generatesWhatTransformersGenerates(example: Case) throws {
    let (reference, model) = try example.load()
    let image = try model.encode(reference.tensor("pixel_values"))
    try GenerationParityTests.expectGenerations(of: reference, model, image)
  }

  /// What is written loads again, with the same weights under the same names.
  @Test(arguments: Case.all, [WeightsFormat.safetensors, .pytorch])
  func savesWhatItLoads(example: Case, format: WeightsFormat) throws {
    let (reference, model) = try example.load()
    let folder = try TemporaryFolder()
    try model.save(to: folder.url, format: format)
    let again = try CaptionFamily.loadModel(at: folder.url)
    #expect(again.parameters.map(\.name) == model.parameters.map(\.name))
    for (old, new) in zip(model.parameters, again.parameters) {
      #expect(old.value.floats == new.value.floats, "\(old.name)")
    }
    let stored = Set(try reference.storedTensors().map(\.name).filter { !$0.hasSuffix("position_ids") })
    #expect(stored.isSuperset(of: model.parameters.map(\.name)))
    // A BLIP's files may hold what its head doesn't use.
    if example.part == "git" { #expect(stored.count == model.parameters.count) }
  }
}
