import Vignette
import VignetteFiles
import VignetteModels

/// Hugging Face's generation options on the command line; what isn't given is the checkpoint's.
typealias GenerationArguments = OptionFlags<GenerationOptions>

extension OptionFlags<GenerationOptions> {
  /// Says which of the options given here change nothing, with the others and the checkpoint's as they are.
  func warnOfIgnored(_ captioner: Captioner) {
    var effective = options.filled(from: captioner.defaults)
    let ignored = Set(effective.ignoredOptions())
    effective.doSample = true
    let needsBeams = effective.ignoredOptions()
    for option in options.ignoredOptions() where ignored.contains(option) {
      let lack = needsBeams.contains(option) ? "beams (--num-beams)" : "sampling (--do-sample)"
      StandardError.print(FlagSpelling.spelled("vignette: \(option) changes nothing without \(lack)"))
    }
  }

  /// Says how many captions were cut off: a limit that the user didn't set may be news.
  func tellOfCuts(_ count: Int, _ captioner: Captioner) async throws {
    guard options.maxLength == nil, options.maxNewTokens == nil else { return }
    let options = try await captioner.resolved(options)
    // What time has cut off has no length of its own.
    guard options.maxTime == nil else { return }
    let prompt = options.promptTokenIDs(captioner.tokenizer)?.count ?? 1
    let tokens = (options.maxLength ?? prompt) - prompt
    StandardError.print(
      "\(count) captions were cut off at \(tokens) tokens; --max-new-tokens sets another limit")
  }
}
