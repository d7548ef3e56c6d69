import ArgumentParser
import Vignette

/// Hugging Face's generation options on the command line; what isn't given is the checkpoint's.
struct GenerationArguments: ParsableArguments {
  @Option(help: "Beams of beam search; 1 is greedy search or sampling.")
  var numBeams: Int?

  @Option(help: "The most tokens of a caption, the start token counted.")
  var maxLength: Int?

  @Option(help: "The most tokens after the start token; goes before --max-length.")
  var maxNewTokens: Int?

  @Option(help: "The fewest tokens of a caption, the start token counted.")
  var minLength: Int?

  @Option(help: "Above 0, beam search favours long captions; below 0, short ones.")
  var lengthPenalty: Double?

  @Option(help: "When beam search stops: true, false or never.")
  var earlyStopping: EarlyStopping?

  @Option(help: "No sequence of this many tokens occurs twice in a caption; 0 allows it.")
  var noRepeatNgramSize: Int?

  @Option(help: "Above 1, tokens that stand in the caption already become less likely.")
  var repetitionPenalty: Double?

  @Flag(inversion: .prefixedNo, help: "Draw tokens at random instead of taking the likeliest.")
  var doSample: Bool?

  @Option(help: "Sampling: below 1 sharpens the distribution, above 1 flattens it.")
  var temperature: Double?

  @Option(help: "Sampling: draw among this many of the likeliest tokens; 0 among all.")
  var topK: Int?

  @Option(help: "Sampling: draw among the fewest tokens that together have this probability.")
  var topP: Double?

  @Option(help: "Captions for each picture; at most --num-beams in beam search.")
  var numReturnSequences: Int?

  @Option(help: "Starts the random numbers of sampling.")
  var seed: UInt64?

  var options: GenerationOptions {
    GenerationOptions(
      maxLength: maxLength, maxNewTokens: maxNewTokens, minLength: minLength, numBeams: numBeams,
      doSample: doSample, earlyStopping: earlyStopping, lengthPenalty: lengthPenalty,
      numReturnSequences: numReturnSequences, seed: seed, repetitionPenalty: repetitionPenalty,
      noRepeatNgramSize: noRepeatNgramSize, temperature: temperature, topK: topK, topP: topP)
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
