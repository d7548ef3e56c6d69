import ArgumentParser
import Vignette
import VignetteLibrary

/// What is done to the texts of captions.
struct TextArguments: ParsableArguments {
  @Option(parsing: .unconditional, help: "Text before each caption, with its own space.")
  var prefix = ""

  @Option(parsing: .unconditional, help: "Text behind each caption.")
  var suffix = ""

  @Option(
    parsing: .unconditionalSingleValue,
    help: "Beginning to strip from captions, such as \"an image of\". May be repeated.")
  var strip: [String] = []

  @Option(
    parsing: .unconditional,
    help: """
      Maximum number of characters of a caption, which is cut at a clause or a word; 125 is what people who write \
      alternative texts aim at.
      """)
  var maxCharacters: Int?

  @Flag(help: "Begin captions with a large letter.")
  var sentenceCase = false

  @Option(
    parsing: .unconditionalSingleValue,
    help: "Word that captions must not have, however it is spelled. May be repeated.")
  var bannedWords: [String] = []

  func validate() throws {
    do {
      try rules.validate()
    } catch {
      throw ValidationError(FlagSpelling.spelled("\(error)"))
    }
  }

  var rules: CaptionText {
    var rules = CaptionText()
    rules.prefix = prefix
    rules.suffix = suffix
    rules.fillers = strip
    rules.maximumCharacters = maxCharacters
    rules.isSentence = sentenceCase
    return rules
  }

  /// The options of generation, with the words banned besides what they ban already.
  func banning(_ options: GenerationOptions, _ captioner: Captioner) -> GenerationOptions {
    guard !bannedWords.isEmpty else { return options }
    var options = options
    let ids = BannedWords.tokenIDs(bannedWords, captioner.tokenizer)
    options.badWordsIDs = (options.badWordsIDs ?? captioner.defaults.badWordsIDs ?? []) + ids
    return options
  }
}
