extension GenerationOptions {
  /// What these options come to with a model: Hugging Face's defaults filled in, lengths as `maxLength` and
  /// `minLength`, everything checked.
  ///
  /// - Throws: `GenerationError` where the options contradict themselves or the model.
  public func resolved(for model: VisionEncoderDecoder) throws -> GenerationOptions {
    let plan = try GenerationPlan(
      self, vocabularySize: model.vocabularySize, maximumLength: model.maximumLength)
    var options = plan.options
    (options.maxLength, options.maxNewTokens) = (plan.maxLength, nil)
    (options.minLength, options.minNewTokens) = (plan.minLength, nil)
    return options
  }

  /// How captions are found and how long they get, for people: "greedy search, at most 20 tokens".
  ///
  /// - Precondition: these are options that ``resolved(for:)`` gave.
  public var summary: String {
    let beams = numBeams ?? 1
    let sampling = doSample ?? false
    let search =
      switch (beams > 1, sampling) {
      case (true, false): "\(beams) beams"
      case (true, true): "\(beams) beams with sampling"
      case (false, true): "sampling"
      case (false, false): "greedy search"
      }
    return "\(search), at most \((maxLength ?? 1) - 1) tokens"
  }
}
