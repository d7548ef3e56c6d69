import Foundation
import Testing

import VignetteFiles
import VignetteTrainer

@Suite struct TrainingArgumentsTests {
  /// An option that is added has a row in the table, so that it is a flag, a key of YAML and JSON, and a saved setting.
  @Test func everyPropertyHasARow() {
    let properties = Mirror(reflecting: TrainingArguments()).children.compactMap(\.label).map { label in
      label.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : "\($1)" }
    }
    #expect(TrainingArguments.optionFields.map(\.name) == properties)
  }

  @Test func jsonHasHuggingFacesNamesAndKeepsDefaults() throws {
    var arguments = TrainingArguments()
    arguments.learningRate = 1e-3
    arguments.warmupSteps = 0.1
    arguments.saveSteps = 20
    arguments.lrSchedulerType = .constantWithWarmup
    arguments.greaterIsBetter = false
    let data = try JSONEncoder().encode(arguments)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["warmup_steps"] as? Double == 0.1 && object["save_steps"] as? Int == 20)
    #expect(object["lr_scheduler_type"] as? String == "constant_with_warmup")
    #expect(try JSONDecoder().decode(TrainingArguments.self, from: data) == arguments)
    let some = try JSONDecoder().decode(TrainingArguments.self, from: Data(#"{"seed": 7}"#.utf8))
    #expect(some.seed == 7 && some.learningRate == TrainingArguments().learningRate)
  }

  /// What a checkpoint keeps, which an earlier version's must be comparable with.
  @Test func settingsAreTextsAsBefore() {
    let settings = Dictionary(
      uniqueKeysWithValues: TrainingArguments().optionTexts.map { ($0.name, $0.value) })
    let expected = [
      "num_train_epochs": "3.0", "learning_rate": "5e-05", "warmup_steps": "0", "logging_steps": "50",
      "eval_strategy": "epoch", "seed": "42", "bf16": "false", "check_images": "true", "save_steps": "500",
    ]
    for (name, value) in expected { #expect(settings[name] == value, "\(name)") }
    #expect(settings["metric_for_best_model"] == nil && settings["feature_cache"] == nil)
  }

  @Test func settingsAreNamedWithTheirValues() {
    var arguments = TrainingArguments()
    arguments.shuffle = false
    #expect(arguments.settings(["seed", "shuffle"]) == ["`seed=42`", "`shuffle=false`"])
  }

  @Test func problemsNameTheSetting() {
    var arguments = TrainingArguments()
    arguments.adamBeta1 = 1
    #expect(throws: SettingError("adam_beta1", "must be from 0 to below 1")) { try arguments.validate() }
    arguments = TrainingArguments()
    arguments.metricForBestModel = "CIDEr"
    arguments.greaterIsBetter = false
    #expect(throws: SettingError.self) { try arguments.validate() }
    arguments.greaterIsBetter = true
    #expect(throws: Never.self) { try arguments.validate() }
    arguments.metricForBestModel = "eval_cer"
    #expect(throws: SettingError.self) { try arguments.validate() }
    arguments.greaterIsBetter = false
    #expect(throws: Never.self) { try arguments.validate() }
  }

  /// Transformers: `math.ceil(max_steps * x)` below 1.
  @Test(arguments: [
    (0.1, 100, 10), (0.1, 101, 11), (0.001, 100, 1), (0.999, 10, 10), (0, 100, 0), (1, 100, 1), (30, 7, 30),
    // 0.07 · 100 is 7.000000000000001 for Python too.
    (0.07, 100, 8),
  ])
  func sharesOfAllStepsAreRoundedUp(value: Double, totalSteps: Int, expected: Int) {
    #expect(StepCount(value).steps(of: totalSteps) == expected)
  }

  @Test func intervalsFollowFromTheNumberOfSteps() {
    var arguments = TrainingArguments()
    arguments.loggingSteps = 0.05
    arguments.saveSteps = 0.25
    arguments.warmupRatio = 0.5
    var intervals = StepIntervals(arguments, of: 81)
    #expect(intervals.logging == 5 && intervals.evaluation == 5 && intervals.saving == 21)
    #expect(intervals.warmup == 41)
    arguments.evalSteps = 8
    arguments.warmupSteps = 0.1
    intervals = StepIntervals(arguments, of: 81)
    #expect(intervals.evaluation == 8 && intervals.warmup == 9)
  }

  /// The fields of Transformers 5.24's `Seq2SeqTrainingArguments`, and those that earlier versions had.
  private static let huggingFace = """
    output_dir per_device_train_batch_size num_train_epochs max_steps learning_rate lr_scheduler_type
    lr_scheduler_kwargs warmup_steps optim optim_args weight_decay adam_beta1 adam_beta2 adam_epsilon
    optim_target_modules gradient_accumulation_steps average_tokens_across_devices max_grad_norm
    label_smoothing_factor bf16 fp16 bf16_full_eval fp16_full_eval tf32 activation_checkpointing
    activation_checkpointing_kwargs gradient_checkpointing gradient_checkpointing_kwargs torch_compile
    torch_compile_backend torch_compile_mode use_liger_kernel liger_kernel_config use_cache
    neftune_noise_alpha torch_empty_cache_steps auto_find_batch_size logging_strategy logging_steps
    logging_first_step log_on_each_node logging_nan_inf_filter include_num_input_tokens_seen log_level
    log_level_replica disable_tqdm report_to run_name project trackio_space_id trackio_bucket_id
    trackio_static_space_id eval_strategy eval_steps eval_delay per_device_eval_batch_size
    prediction_loss_only eval_on_start eval_do_concat_batches eval_use_gather_object
    eval_accumulation_steps include_for_metrics batch_eval_metrics save_only_model save_strategy
    save_steps save_on_each_node save_total_limit enable_jit_checkpoint push_to_hub hub_token
    hub_private_repo hub_model_id hub_strategy hub_always_push hub_revision load_best_model_at_end
    metric_for_best_model greater_is_better ignore_data_skip restore_callback_states_from_checkpoint
    full_determinism seed data_seed use_cpu accelerator_config parallelism_config dataloader_drop_last
    dataloader_num_workers dataloader_pin_memory dataloader_persistent_workers
    dataloader_prefetch_factor dataloader_multiprocessing_context dataloader_in_order
    remove_unused_columns label_names train_sampling_strategy length_column_name
    ddp_find_unused_parameters ddp_bucket_cap_mb ddp_broadcast_buffers ddp_static_graph ddp_backend
    ddp_timeout fsdp fsdp_config deepspeed debug skip_memory_metrics do_train do_eval do_predict
    resume_from_checkpoint local_rank sortish_sampler predict_with_generate generation_max_length
    generation_num_beams generation_config
    overwrite_output_dir evaluation_strategy evaluate_during_training per_gpu_train_batch_size
    per_gpu_eval_batch_size warmup_ratio logging_dir save_safetensors no_cuda use_mps_device
    jit_mode_eval use_ipex fp16_opt_level half_precision_backend fp16_backend tpu_num_cores
    tpu_metrics_debug past_index fsdp_min_num_params fsdp_transformer_layer_cls_to_wrap adafactor
    group_by_length push_to_hub_model_id push_to_hub_organization push_to_hub_token
    include_inputs_for_metrics mp_parameters torchdynamo ray_scope dispatch_batches split_batches
    include_tokens_per_second use_legacy_prediction_loop xpu_backend
    """.split(whereSeparator: \.isWhitespace).map(String.init)

  /// Those that are options of the command.
  private static let commands = [
    "output_dir", "report_to", "resume_from_checkpoint", "push_to_hub", "hub_token", "hub_private_repo",
    "hub_model_id",
  ]

  @Test func everyNameOfHuggingFacesIsKnownOnce() {
    let own = Set(TrainingArguments.optionFields.map(\.name) + Self.commands)
    #expect(own.isDisjoint(with: UnsupportedArgument.all.keys))
    for name in Self.huggingFace {
      let target = UnsupportedArgument.otherNames[name] ?? name
      #expect(own.contains(target) || UnsupportedArgument.all[name] != nil, "\(name)")
    }
    #expect(Set(UnsupportedArgument.all.keys).isSubset(of: Self.huggingFace))
  }

  /// Their defaults in Python ask for nothing.
  @Test(arguments: [
    ("fp16", "False"), ("optim", "adamw_torch_fused"), ("logging_strategy", "steps"),
    ("log_level", "passive"),
    ("neftune_noise_alpha", "None"), ("eval_delay", "0"), ("include_for_metrics", "[]"), ("debug", ""),
    ("local_rank", "-1"), ("train_sampling_strategy", "random"), ("skip_memory_metrics", "true"),
    ("include_num_input_tokens_seen", "no"), ("fsdp_min_num_params", "0"), ("use_liger_kernel", "no"),
  ])
  func defaultsAreAccepted(name: String, value: String) throws {
    #expect(try #require(UnsupportedArgument.all[name]).problem(value) == nil)
  }
}
