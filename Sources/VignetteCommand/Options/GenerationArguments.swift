public import ArgumentParser
import Vignette
import VignetteFiles
public import VignetteModels

/// Hugging Face's generation options on the command line; what isn't given is the checkpoint's.
struct GenerationArguments: ParsableArguments {
  @Option(parsing: .unconditional, help: "Beams of beam search; 1 is greedy search or sampling.")
  var numBeams: Int?

  @Option(parsing: .unconditional, help: "The most tokens of a caption, the start token counted.")
  var maxLength: Int?

  @Option(parsing: .unconditional, help: "The most tokens after the start token; goes before --max-length.")
  var maxNewTokens: Int?

  @Option(parsing: .unconditional, help: "The fewest tokens of a caption, the start token counted.")
  var minLength: Int?

  @Option(parsing: .unconditional, help: "Above 0, beam search favours long captions; below 0, short ones.")
  var lengthPenalty: Double?

  @Option(help: "When beam search stops: true, false or never.")
  var earlyStopping: EarlyStopping?

  @Option(
    parsing: .unconditional, help: "No sequence of this many tokens occurs twice in a caption; 0 allows it.")
  var noRepeatNgramSize: Int?

  @Option(
    parsing: .unconditional, help: "Above 1, tokens that stand in the caption already become less likely.")
  var repetitionPenalty: Double?

  @Flag(inversion: .prefixedNo, help: "Draw tokens at random instead of taking the likeliest.")
  var doSample: Bool?

  @Option(parsing: .unconditional, help: "Sampling: below 1 sharpens the distribution, above 1 flattens it.")
  var temperature: Double?

  @Option(
    parsing: .unconditional, help: "Sampling: draw among this many of the likeliest tokens; 0 among all.")
  var topK: Int?

  @Option(
    parsing: .unconditional,
    help: "Sampling: draw among the fewest tokens that together have this probability.")
  var topP: Double?

  @Option(parsing: .unconditional, help: "Captions for each image; at most --num-beams in beam search.")
  var numReturnSequences: Int?

  @Option(parsing: .unconditional, help: "Starts the random numbers of sampling.")
  var seed: UInt64?

  var options: GenerationOptions {
    GenerationOptions(
      maxLength: maxLength, maxNewTokens: maxNewTokens, minLength: minLength, numBeams: numBeams,
      doSample: doSample, earlyStopping: earlyStopping, lengthPenalty: lengthPenalty,
      numReturnSequences: numReturnSequences, seed: seed, repetitionPenalty: repetitionPenalty,
      noRepeatNgramSize: noRepeatNgramSize, temperature: temperature, topK: topK, topP: topP)
  }

  /// Says which of the options given here change nothing, with the others and the checkpoint's as they are.
  func warnOfIgnored(_ captioner: Captioner) {
    var effective = options.filled(from: captioner.defaults)
    let ignored = Set(effective.ignoredOptions())
    effective.doSample = true
    let needsBeams = effective.ignoredOptions()
    for option in options.ignoredOptions() where ignored.contains(option) {
      let lack = needsBeams.contains(option) ? "beams (--num-beams)" : "sampling (--do-sample)"
      let flag = "--" + option.name.replacing("_", with: "-")
      StandardError.print("vignette: \(flag) changes nothing without \(lack)")
    }
  }
}

extension EarlyStopping: ExpressibleByArgument {
  public init?(argument: String) {
    switch argument {
    case "true": self = .always
    case "false": self = .heuristic
    case "never": self = .never
    default: return nil
    }
  }
}
