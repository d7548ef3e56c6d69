public import Foundation
public import VignetteCheckpoints
public import VignetteFiles
public import VignetteTensors

/// A model that captions images: pixel values in, logits of a caption's tokens out.
///
/// Families of such models differ in how the text part comes by the image: by attention to it, or with it in front of
/// its own tokens. Who captions, trains or measures knows this protocol alone; which family a checkpoint is of,
/// config.json says.
public protocol CaptionModel: AnyObject {
  var configuration: CaptionConfiguration { get }
  /// All weights, by the names that they have in a checkpoint.
  var parameters: [Parameter] { get }
  /// Whether training drops some of what the vision part computes.
  var encoderDropsOut: Bool { get }
  /// The size of pixel values that the vision part was made for.
  var imageSize: (height: Int, width: Int) { get }
  /// The number of colour channels that it takes.
  var channels: Int { get }
  /// V: the number of tokens that the text part knows.
  var vocabularySize: Int { get }
  /// The most tokens that can be fed to the text part, those that a caption starts with included.
  var maximumLength: Int { get }
  /// How many numbers a caption keeps of each of its tokens while it is generated: keys and values of all layers.
  var cachedNumbersPerToken: Int { get }
  /// How many layers of the text part look at the image; 0 where a family doesn't say.
  var attendingLayerCount: Int { get }

  /// Pixel values [I, channels, height, width] → the vision part's own output, [I, S, its width].
  ///
  /// Memory that runs out is an error where the caller waits for one, as ``encode(_:interpolatePositions:)`` does.
  ///
  /// - Parameter interpolatePositions: whether images of another size than ``imageSize`` are taken.
  /// - Throws: ``ModelError`` where the size doesn't fit the model, `TensorMemoryError` where it needs too much memory.
  func hiddenStates(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor

  /// What the text part takes of the vision part's output.
  func features(_ hiddenStates: Tensor) -> ImageFeatures

  /// Logits [B, T, V] under teacher forcing: those at position t say what stands at t + 1.
  ///
  /// - Parameters:
  ///   - tokens: B rows of T ids each, the start token first.
  ///   - captionsPerImage: how many adjacent rows belong to each image; one each if nil.
  ///   - tape: what to record on; that of the features if nil.
  func logits(
    tokens: [[Int32]], features: ImageFeatures, captionsPerImage: [Int]?, on tape: Tape?
  ) -> Tensor

  /// Captions of encoded images in the making, with what is computed of earlier tokens kept between steps.
  func decoding(of features: ImageFeatures) -> any DecodingModel

  /// Which parts of an image of this size, as the vision part takes it, the S states of its output stand for; nil where
  /// a family doesn't say.
  func patchLayout(height: Int, width: Int) -> PatchLayout?

  /// Where whole captions look at their images: for each layer of the text part, [B, T, S], the share of the attention
  /// of the token at position t that goes to each state of its image, averaged over heads; nil where a family doesn't
  /// say. Attention to the image alone adds up to 1; where the text part has the image before its tokens, what it gives
  /// to the image is made to.
  ///
  /// - Parameters:
  ///   - tokens: B captions of any lengths, at least a token each; T is that of the longest.
  ///   - promptLengths: how many tokens of each it began with; the others were generated.
  ///   - captionsPerImage: how many adjacent captions belong to each image.
  func imageAttention(
    tokens: [[Int]], promptLengths: [Int], features: ImageFeatures, captionsPerImage: [Int]
  ) -> [Tensor]?

  /// What the checkpoint says about generating.
  ///
  /// - Parameter generationConfig: its generation_config.json, nil where it has none.
  /// - Throws: `JSONError` naming file and field.
  func generationDefaults(_ generationConfig: JSONField?) throws -> GenerationOptions
}

/// Encoded images, as a family's text part takes them.
public struct ImageFeatures {
  /// [I, S, C]: for each image a sequence of vectors; what they mean is the family's business.
  package let states: Tensor

  package init(_ states: Tensor) { self.states = states }

  /// I: the number of images.
  public var imageCount: Int { states.shape[0] }

  /// Those of some of the images.
  package func images(_ range: Range<Int>) -> ImageFeatures {
    range == 0..<imageCount ? self : ImageFeatures(states.slice(range, axis: 0).contiguous())
  }
}

/// What config.json says of a captioner as a whole, whatever its family.
public struct CaptionConfiguration: Sendable {
  /// The whole file, as it was read and will be written again.
  public let json: JSONField
  /// The vision part's fields.
  package let vision: JSONField
  /// The text part's `model_type`, which says which tokenizer belongs to it where no file does.
  public let textModelType: String
  /// The token that every caption starts with.
  public let decoderStartTokenID: Int?
  /// The tokens that end a caption; the first is the one that training teaches.
  public let endTokenIDs: [Int]
  /// The token that fills up labels that are not there.
  public let padTokenID: Int?
  /// The share of each label's probability that training spreads over the vocabulary where nobody says otherwise.
  package let labelSmoothing: Float

  package init(
    _ json: JSONField, vision: JSONField, textModelType: String, decoderStartTokenID: Int?,
    endTokenIDs: [Int], padTokenID: Int?, labelSmoothing: Float = 0
  ) {
    self.json = json
    self.vision = vision
    self.textModelType = textModelType
    self.decoderStartTokenID = decoderStartTokenID
    self.endTokenIDs = endTokenIDs
    self.padTokenID = padTokenID
    self.labelSmoothing = labelSmoothing
  }

  /// The token that training teaches to end captions with.
  public var endTokenID: Int? { endTokenIDs.first }

  /// The family's name, config.json's `model_type`.
  public var modelType: String { (try? json["model_type"].value()) ?? "" }
}

extension CaptionModel {
  public func patchLayout(height: Int, width: Int) -> PatchLayout? { nil }

  public func imageAttention(
    tokens: [[Int]], promptLengths: [Int], features: ImageFeatures, captionsPerImage: [Int]
  ) -> [Tensor]? { nil }
  public var cachedNumbersPerToken: Int { 0 }
  public var attendingLayerCount: Int { 0 }

  /// Those of generation_config.json, or of config.json as older versions of Transformers wrote it.
  public func generationDefaults(_ generationConfig: JSONField?) throws -> GenerationOptions {
    try .checkpoint(generationConfig: generationConfig, config: configuration.json)
  }

  /// How products are computed; weights stay float32.
  public var precision: Precision {
    get { parameters.first?.precision ?? .float32 }
    set { for parameter in parameters { parameter.precision = newValue } }
  }

  /// Pixel values [I, channels, height, width] → what the text part takes of them.
  ///
  /// - Parameter interpolatePositions: whether images of another size than ``imageSize`` are taken.
  /// - Throws: ``ModelError`` where the size doesn't fit the model, `TensorMemoryError` where it needs too much memory.
  public func encode(_ pixelValues: Tensor, interpolatePositions: Bool = false) throws -> ImageFeatures {
    try MemoryFault.thrown(by: "encoding \(pixelValues.shape[0]) images", lowering: ["batch_size"]) {
      features(try hiddenStates(pixelValues, interpolatePositions: interpolatePositions))
    }
  }

  /// Checks, before images are encoded, that the options suit the model and that there is memory to generate with them.
  ///
  /// - Parameter prompt: the tokens that captions begin with; the start token if nil.
  /// - Throws: `GenerationError`, `SettingError`, `JSONError`; `TensorMemoryError`.
  package func requireMemory(
    forCaptionsOf imageCount: Int, _ options: GenerationOptions, prompt: [Int]?
  ) throws {
    let plan = try GenerationPlan(
      options, prompt: prompt, vocabularySize: vocabularySize, maximumLength: maximumLength)
    let rows = plan.rowsPerImage
    let (setting, what): (Setting, _) =
      plan.numBeams > 1 ? ("num_beams", "beams") : ("num_return_sequences", "captions")
    let origin = plan.options.origin(of: setting)
    try MemoryCheck.pass(
      [imageCount, rows, vocabularySize + cachedNumbersPerToken * plan.maxLength],
      "generating \(rows) \(what) for each of \(Quantity(imageCount, "image"))",
      lowering: [setting.name] + (origin == nil && imageCount > 1 ? ["batch_size"] : []), in: origin?.file)
  }

  /// ``logits(tokens:features:captionsPerImage:on:)`` of a caption for each image, on the features' tape.
  public func logits(tokens: [[Int32]], features: ImageFeatures) -> Tensor {
    logits(tokens: tokens, features: features, captionsPerImage: nil, on: nil)
  }

  /// Gives back the memory of vision weights that stand in a mapped file. Encoding again reads them again.
  public func releaseEncoder() {
    for parameter in parameters where parameter.part == .vision { parameter.releasePages() }
  }

  /// Writes config.json and the weights as Transformers' `save_pretrained` does.
  ///
  /// Each file appears whole or not at all.
  ///
  /// - Parameters:
  ///   - folder: made where it doesn't exist.
  ///   - format: of the weights.
  ///   - dtype: what the weights are rounded to.
  ///   - maximumShardSize: bytes of a file of weights, beyond which there are several.
  ///   - progress: called with the bytes of the weights that are written and their number.
  /// - Throws: what the file system says, with the path; `CheckpointError` where a weight is beyond `dtype`.
  public func save(
    to folder: URL, format: WeightsFormat = .safetensors, dtype: WeightsType = .float32,
    maximumShardSize: Int = WeightsWriter.maximumShardSize,
    progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws {
    try FolderMaker.make(folder)
    let type = dtype.elementType
    let total = parameters.reduce(0) { $0 + $1.count * type.byteSize }
    var written = 0
    let tensors = parameters.map { parameter in
      WritableTensor(name: parameter.name, elementType: type, shape: parameter.shape) { write in
        try parameter.value.withFloats { try dtype.write($0, named: parameter.name, write) }
        written += parameter.count * type.byteSize
        progress(written, total)
      }
    }
    try WeightsWriter.write(tensors, format: format, maximumShardSize: maximumShardSize, to: folder)
    try dtype.stated(in: configuration.json.value(as: JSONValue.self)).write(
      to: folder.appendingPathComponent("config.json"))
  }
}

/// Labels moved one position to the right behind the start token, ignored ones replaced by padding: what a text part is
/// fed under teacher forcing (Hugging Face's `shift_tokens_right`).
public func shiftRight(_ labels: [Int32], startTokenID: Int, padTokenID: Int) -> [Int32] {
  ([Int32(startTokenID)] + labels.dropLast()).map { $0 == ignoredLabel ? Int32(padTokenID) : $0 }
}
