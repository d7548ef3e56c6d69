import Foundation
import Vignette
import VignetteEvaluation
import VignetteFiles
import VignetteModels
import VignetteTensors

/// What the parts of a trainer are made with.
extension TrainingArguments {
  /// - Parameter evaluates: whether there is data to evaluate on.
  /// - Throws: `SettingError`.
  func validate(evaluates: Bool) throws {
    try validate()
    let needy: [(Setting, Bool)] = [
      ("load_best_model_at_end", loadBestModelAtEnd), ("early_stopping_patience", earlyStoppingPatience > 0),
      ("clip_model", !clipModel.isEmpty), ("image_text_model", !imageTextModel.isEmpty),
    ]
    for (setting, isGiven) in needy where isGiven && !evaluates {
      throw SettingError(setting, "needs something to evaluate on")
    }
  }

  /// The model's encoder, behind the cache that is asked for.
  func encoder(for parts: CaptionerParts) throws -> any ImageEncoder {
    guard !featureCache.isEmpty else { return ModelEncoder(parts.model) }
    return try FeatureCache(
      at: FileName.url(featureCache, isFolder: true), model: parts.model,
      processor: parts.imageProcessor, dtype: featureCacheDtype.dtype ?? parts.model.precision.dtype)
  }

  /// The models that score captions of evaluations by their images.
  ///
  /// - Throws: an error that names the file and what is wrong with it.
  @ComputeThread func imageTextScorers() throws -> [ImageTextScorer] {
    func folder(_ model: String) -> URL? { model.isEmpty ? nil : FileName.url(model, isFolder: true) }
    return try ImageTextScorer.scorers(
      clipModel: folder(clipModel), imageTextModel: folder(imageTextModel), batchSize: perDeviceEvalBatchSize)
  }

  var trainingBatches: BatchOptions {
    var options = evaluationBatches
    options.batchSize = perDeviceTrainBatchSize
    options.shuffle = shuffle
    return options
  }

  var evaluationBatches: BatchOptions {
    var options = BatchOptions()
    options.batchSize = perDeviceEvalBatchSize
    options.groupCaptions = groupCaptions
    options.seed = seed
    options.labels.maxTargetLength = maxTargetLength
    options.labels.padsToMaxLength = padToMaxLength
    options.labels.countsPadding = lossOnPadding
    options.workers = dataloaderNumWorkers
    options.checkImages = checkImages
    return options
  }

  /// How evaluations generate captions where it isn't as the checkpoint says; nil where they generate none.
  ///
  /// - Throws: `SettingError`.
  func generation(for model: any CaptionModel) throws -> GenerationOptions? {
    guard predictWithGenerate else { return nil }
    // The last token of a caption is never fed back.
    let longest = model.maximumLength + 1
    guard generationMaxLength <= longest else {
      throw SettingError(
        "generation_max_length",
        "must be at most \(longest), as the decoder has \(model.maximumLength) positions, but is "
          + "\(generationMaxLength)")
    }
    var options = GenerationOptions()
    if generationMaxLength > 0 { options.maxLength = generationMaxLength }
    if generationNumBeams > 0 { options.numBeams = generationNumBeams }
    if !prompt.isEmpty { options.prompt = prompt }
    return options
  }
}
