import Foundation
public import VignetteDatasets
public import VignetteFiles

/// Why captions can't be learned or measured: the model, the data or the feature cache doesn't do.
public enum EvaluationError: PlainError {
  /// The model's config.json lacks a special token; with the field's name.
  case missingToken(String)
  /// The tokenizer knows tokens that the decoder doesn't.
  case vocabulary(token: Int, vocabularySize: Int)
  /// There is nothing to learn from, or to measure on.
  case noCaptions(DatasetSplit)
  /// Not one of a split's images could be read; with their number.
  case noReadableImages(Int, DatasetSplit)
  /// Not one of the images by which captions are to be scored could be read; with their number, and why the first.
  case noImagesToScoreBy(Int, reason: String)
  /// An image that can't be read, where such are not left out.
  case unreadableImage(path: String, reason: String)
  /// Images that could be read before can't be opened any more, as when a share is unmounted.
  case imagesGone(folder: String, reason: String)
  /// The image processor leaves images of several sizes, which no batch can hold.
  case severalImageSizes
  /// The files of a feature cache can't be used.
  case featureCache(path: String, problem: String)

  public var description: String {
    switch self {
    case .missingToken(let field):
      "the model's config.json has no \(field): set it, or make the model with `vignette init`"
    case .vocabulary(let token, let size):
      "the tokenizer has a token \(token), but the decoder's vocab_size is \(size): they belong to different models"
    case .noCaptions(let split): "the \(split.rawValue) split holds no captions"
    case .noReadableImages(let count, let split):
      "none of the \(count) images of the \(split.rawValue) split that were tried could be read; skipped.jsonl in the "
        + "output folder says why"
    case .noImagesToScoreBy(let count, let reason):
      "none of the \(Quantity(count, "image")) of the captions can be read (\(reason)); is \(Setting("data_dir")) right?"
    case .unreadableImage(let path, let reason):
      "\(path): \(reason); with \(Setting("check_images")), it is left out instead"
    case .imagesGone(let folder, let reason):
      "\(folder): its images could be read before and can't be opened any more (\(reason)); is it still mounted?"
    case .severalImageSizes: "preprocessor_config.json must give all images one size for training"
    case .featureCache(let path, let problem): "\(path): \(problem)"
    }
  }
}
