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
}
