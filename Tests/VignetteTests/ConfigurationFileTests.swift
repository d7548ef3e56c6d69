import Foundation
import VignetteTestSupport
import Testing

/// Options of `vignette train` in a YAML file.
@Suite(.serialized) struct ConfigurationFileTests {
  @Test(arguments: [
    ("seed: 1\nmax_steps: 0.1", ":2: max_steps: expected an integer, found 0.1"),
    ("learning-rate: .inf", ":1: learning-rate: expected a number, found .inf"),
    ("num_train_epochs: 2024-01-01", ":1: num_train_epochs: expected a number, found 2024-01-01"),
    ("learning_rate: [1, 2]", ":1: learning_rate: expected a number, found a list"),
    ("bf16: maybe", ":1: bf16: expected true or false, found maybe"),
    (
      "dataset: cifar",
      ":1: dataset: expected coco, flickr8k, flickr30k, karpathy or imagefolder, found cifar"
    ),
    ("eval_strategy: never", ":1: eval_strategy: expected no, steps or epoch, found never"),
    ("report_to: wandb", ":1: report_to: expected tensorboard or none, found wandb"),
    ("seed: -1", ":1: seed: expected an integer, not negative, found -1"),
    ("learning_rat: 1", ":1: learning_rat: there is no such option; did you mean learning_rate?\n"),
    ("learnign-rate: 1", ":1: learnign-rate: there is no such option; did you mean learning-rate?\n"),
    ("fp61: false", ":1: fp61: there is no such option; did you mean fp16?\n"),
    ("zebra: 1", ":1: zebra: there is no such option\n"),
    // What only Python has is accepted where it asks for nothing.
    (
      """
      fp16: false
      optim: adamw_torch
      push_to_hub: False
      hub_model_id: me/captioner
      lr_scheduler_kwargs: {}
      deepspeed: null
      dataloader_pin_memory: true
      neftune_noise_alpha: 0.0
      ddp_timeout: 1800
      include_for_metrics: []
      gradient_checkpointing_kwargs: {use_reentrant: false}
      activation_checkpointing: true
      seed: -1
      """, ":13: seed: expected an integer, not negative"
    ),
    ("fp16: true", ":1: fp16: float16 isn't supported; use bf16\n"),
    ("optim: adafactor", ":1: optim: AdamW is the only optimizer: adamw_torch\n"),
    ("sortish_sampler: yes", ":1: sortish_sampler: captions are shuffled, or not with shuffle: false\n"),
    ("fsdp: [full_shard, auto_wrap]", ":1: fsdp: there is one process, so nothing can be sharded\n"),
    ("save_steps: 1.5", ":1: save_steps: must be a whole number from 1 on, or a share of all steps"),
    ("logging_steps: 0", ":1: logging_steps: must be a whole number from 1 on, or a share of all steps"),
    ("eval_steps: -0.1", ":1: eval_steps: must be 0, a whole number, or a share of all steps below 1"),
    ("greater_is_better: true", ":1: greater_is_better: follows from metric_for_best_model: less is better"),
    ("fails_on_bad_images: true", ":1: fails_on_bad_images: there is no such option"),
    ("config: other.yaml", ":1: config: there is no such option"),
    ("- learning_rate", ": expected lines of `option: value`, found a list"),
    ("seed: 1\nseed: 2", ": seed: stands there twice"),
    ("seed: [1", ":2: this is not YAML: "),
    ("threads: 0", ":1: threads: expected an integer from 1 to 1024, found 0"),
    ("threads: 100000", ":1: threads: expected an integer from 1 to 1024, found 100000"),
    // One option under two of its names.
    ("max_steps: 1\nmax-steps: 2", ":2: max-steps: stands there twice, before as max_steps"),
    ("output_dir: a\noutput: b", ":2: output: stands there twice, before as output_dir"),
    (
      "eval_strategy: no\nevaluation_strategy: null",
      ":2: evaluation_strategy: stands there twice, before as eval_strategy"
    ),
    // As Python's users write it: line 1 is fine.
    ("report_to: [tensorboard]\nseed: -1", ":2: seed: expected an integer, not negative"),
    ("report_to: [none]\nseed: -1", ":2: seed: expected an integer, not negative"),
    ("evaluation_strategy: epoch\nseed: -1", ":2: seed: expected an integer, not negative"),
    ("\u{FEFF}seed: 1\nmax_steps: 0.1", ":2: max_steps: expected an integer"),
    ("evaluation_strategy: never", ":1: evaluation_strategy: expected no, steps or epoch, found never"),
    ("report_to: [tensorboard, wandb]", ":1: report_to: expected tensorboard or none, found a list"),
    // Of the right kind, and still wrong.
    ("learning_rate: -1", ":1: learning_rate: must be positive"),
    ("dataloader_num_workers: -1", ":1: dataloader_num_workers: must be from 0 to 256"),
    ("max_train_samples: 0", ":1: max_train_samples: must be at least 1, but is 0"),
  ])
  func whatIsWrongIsNamedAsItStands(yaml: String, expected: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data(yaml.utf8), to: "train.yaml").path
    let run = try Command.run([
      "train", "--config=\(file)", "--model", "m", "--dataset", "coco", "--data-dir", "d", "--output",
      folder.url.appendingPathComponent("run").path,
    ])
    #expect(run.status == 2 && run.errors.split(separator: "\n").count == 1)
    // The second "seed" stands in line 2, or 1, as the parser counts.
    let line = run.errors.replacing(/train\.yaml:\d+: seed: stands/, with: "train.yaml: seed: stands")
    #expect(line.hasPrefix("vignette: \(file)\(expected)"), "\(run.errors)")
  }

  /// A run of which the command line says next to nothing, and which it overrules.
  @Test func aWholeRunFromAFile() throws {
    let folder = try TrainCommandTests.prepare()
    let (path, output) = (folder.url.path, folder.url.appendingPathComponent("run"))
    let yaml = """
      model: \(path)/model
      dataset: coco
      data_dir: \(path)/scenes
      output_dir: \(output.path)
      max_train_samples: 50
      max_eval_samples: null
      max_steps: 3
      learning-rate: 2e-3
      lr_scheduler_type: constant_with_warmup
      logging_steps: 1
      eval_strategy: no
      save_strategy: 'no'
      freeze_encoder: yes
      shuffle: off
      seed: 18446744073709551615
      report_to: none
      weights_format: pytorch
      check_images: false
      resume_from_checkpoint: latest
      threads: 1
      """
    let file = try folder.write(Data(yaml.utf8), to: "train.yaml").path
    let run = try Command.run(["train", "--config", file, "--max-steps", "2", "--no-freeze-encoder"])
    #expect(run.status == 0 && run.errors.contains("training on 50 captions of 10 images"), "\(run.errors)")
    #expect(!run.errors.contains("evaluating on") && run.errors.contains("no checkpoint yet"))
    #expect(try TrainCommandTests.losses(folder.url, "run").count == 2)
    let files = try FileManager.default.contentsOfDirectory(atPath: output.path)
    #expect(files.contains("pytorch_model.bin") && !files.contains("runs"), "\(files)")
    let card = try String(contentsOf: output.appendingPathComponent("README.md"), encoding: .utf8)
    for (name, value) in [
      ("max_steps", "2"), ("learning_rate", "0.002"), ("lr_scheduler_type", "constant_with_warmup"),
      ("eval_strategy", "no"), ("save_strategy", "no"), ("freeze_encoder", "false"), ("shuffle", "false"),
      ("seed", "18446744073709551615"), ("check_images", "false"), ("weight_decay", "0.0"),
    ] { #expect(card.contains("| \(name) | \(value) |"), "\(name)") }
  }

  /// Python's `resume_from_checkpoint` is a truth value or a folder.
  @Test(arguments: [("true", true), ("no", false), ("[latest]", true)])
  func resumingMayBeATruthValue(value: String, resumes: Bool) throws {
    let training = try TrainRun(scenes: 10)
    let file = try training.folder.write(Data("resume_from_checkpoint: \(value)".utf8), to: "train.yaml")
    let run = try training.train("run", ["--config", file.path, "--max-steps", "1"])
    #expect(run.status == 0 && run.errors.contains("no checkpoint yet") == resumes, "\(run.errors)")
  }

  /// What is wrong on the command line isn't blamed on the file.
  @Test func theCommandLineIsToBlameForItsOwn() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data("learning_rate: -1".utf8), to: "train.yaml").path
    let run = try Command.run([
      "train", "--model", "m", "--dataset", "coco", "--data-dir", "d", "--output", folder.url.path,
      "--config",
      file, "--learning-rate", "-2",
    ])
    #expect(run.status == 2 && run.errors == "vignette: --learning-rate must be positive\n", "\(run.errors)")
  }

  /// Each of the trainer's arguments, which the model card lists, is an option.
  @Test func everyTrainingArgumentIsAnOption() throws {
    let folder = try TrainCommandTests.prepare()
    let run = try Command.run(TrainCommandTests.arguments(folder.url, output: "run") + ["--max-steps", "1"])
    #expect(run.status == 0, "\(run.errors)")
    let card = try String(
      contentsOf: folder.url.appendingPathComponent("run/README.md"), encoding: .utf8)
    let help = try Command.run(["train", "--help"]).output
    let names = card.matches(of: /(?m)^\| ([a-z0-9_]+) \| [^|]* \|$/).map { String($0.1) }
    #expect(names.contains("learning_rate") && names.count > 35, "\(names)")
    for name in names {
      let option = name.replacing("_", with: "-")
      #expect(help.contains("--\(option)") || help.contains("--\(option)/--no-\(option)"), "\(name)")
    }
  }
}
