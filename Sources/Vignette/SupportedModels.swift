import VignetteImages
import VignetteModels
import VignetteTokenizers

/// Which of Transformers' models this version reads, by the names that their files give, as its registries have them.
public enum SupportedModels {
  /// `model_type` of captioners.
  public static var families: [String] { CaptionFamily.all.map(\.modelType) }
  /// `model_type` of the encoders that a vision encoder-decoder can have.
  public static var encoders: [String] { EncoderArchitecture.all.map(\.modelType) }
  /// `model_type` of the decoders that a vision encoder-decoder can have.
  public static var decoders: [String] { DecoderArchitecture.all.map(\.modelType) }
  /// `tokenizer_class` that tokenizers are read as; others are read as their tokenizer.json is written.
  public static var tokenizers: [String] { AutoTokenizer.classNames }
  /// `image_processor_type`, without the endings of its variants.
  public static var imageProcessors: [String] { ImageProcessorKind.allCases.map(\.className) }
}
