import Foundation
import TestSupport
import Testing

/// Options of `vignette init` that don't go together.
@Suite struct InitCommandTests {
  private static let pretrained = ["--encoder", "e", "--decoder", "d"]
  private static let scratch = [
    "--encoder-preset", "vit-micro", "--decoder-preset", "gpt2-micro", "--tokenizer-from", "t",
  ]

  @Test(arguments: [
    (pretrained + ["--tokenizer-from", "t"], "--tokenizer-from has no use with --decoder"),
    (pretrained + ["--vocab-size", "300"], "--vocab-size has no use with --decoder"),
    (pretrained + ["--image-size", "48"], "--image-size has no use with --encoder"),
    (pretrained + ["--encoder-preset", "vit-micro"], "--encoder-preset has no use with --encoder"),
    (pretrained + ["--decoder-preset", "gpt2-micro"], "--decoder-preset has no use with --decoder"),
    (pretrained + scratch, "has no use with --encoder"),
    (["--encoder", "e", "--decoder-preset", "gpt2-micro", "--tokenizer-from", "t"], "give either"),
    (["--encoder-preset", "vit-micro", "--decoder-preset", "gpt2-micro"], "give either"),
    (["--encoder", "e"], "give either"),
    ([], "give either"),
  ])
  func whatHasNoUseIsRefused(options: [String], explanation: String) throws {
    let run = try Command.run(["init", "--output", "/nowhere/model"] + options)
    #expect(run.status == 64 && run.output == "" && run.errors.contains(explanation), "\(run.errors)")
  }
}
