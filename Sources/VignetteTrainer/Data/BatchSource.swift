import VignetteImages

/// What all batches of a run are made with.
struct BatchSource {
  let arguments: TrainingArguments
  let tokens: CaptionTokenizer
  let processor: ImageProcessor
  let features: FeatureCache?
}
