import Foundation
import Testing
import VignetteTestSupport

/// Command lines of `vignette train` as Python's users write them.
@Suite(.serialized) struct PythonFlagsTests {
  @Test(arguments: [
    (["--fp16"], "--fp16: float16 isn't supported; use --bf16"),
    (["--fp16", "True"], "--fp16: float16 isn't supported; use --bf16"),
    (["--optim=lion_32bit"], "--optim=lion_32bit: AdamW is the only optimizer: adamw_torch"),
    (["--group_by_length"], "--group_by_length: captions are shuffled, or not with --no-shuffle"),
    (["--no_save_safetensors"], "--no_save_safetensors: use --weights-format"),
    (["--learning_rate", "-1"], "--learning-rate must be positive"),
    (["--max-steps=-7"], "--max-steps must be positive, or -1 for no limit"),
    (
      ["--freeze_encoder", "True", "--freeze-decoder"],
      "--freeze-decoder leaves nothing to train with --freeze-encoder"
    ),
    (
      ["--load_best_model_at_end", "--evaluation_strategy", "no"],
      "--load-best-model-at-end needs an --eval-strategy"
    ),
    (
      [
        "--fp16", "false", "--push-to-hub=False", "--no_dataloader_pin_memory", "--ddp_timeout", "5",
        "--bf16", "no", "--max_grad_norm", "-1",
      ],
      "--max-grad-norm must not be negative"
    ),
  ])
  func namesAndValuesAreUnderstood(arguments: [String], expected: String) throws {
    let folder = try TemporaryFolder()
    let run = try Command.run(
      ["train", "--model", "m", "--dataset", "coco", "--data_dir", "d", "--output_dir", folder.url.path]
        + arguments)
    #expect(run.status == 2 && run.errors == "vignette: \(expected)\n", "\(run.errors)")
  }

  /// What follows from the table: help, completions, and the description that the man page is made from.
  @Test(arguments: [
    ["train", "--help"], ["--generate-completion-script", "bash"], ["--experimental-dump-help"],
  ])
  func flagsAreListed(arguments: [String]) throws {
    let text = try Command.run(arguments).output
    for name in ["learning-rate", "adam-beta2", "no-freeze-encoder", "eval-strategy", "check-images"] {
      #expect(text.contains(name), "\(name)")
    }
  }
}
