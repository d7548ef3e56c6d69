import VignetteFiles

/// An option of Hugging Face's `Seq2SeqTrainingArguments` (Transformers 3 to 5) that ``TrainingArguments`` doesn't have.
///
/// A value that asks for nothing is accepted, so that configurations of Python's can be used; any other is refused by name.
package struct UnsupportedArgument: Sendable {
  package let name: String
  /// The values that ask for nothing besides Python's None; nil where all do, because the option means something that isn't there: other
  /// machines, a kind of device, the Hub.
  private let harmless: Set<String>?
  private let advice: String

  /// What is wrong with a value, to go on after the name; nil for one that asks for nothing.
  ///
  /// - Parameter value: as a file or a flag writes it; nil for a list or an object.
  package func problem(_ value: String?) -> String? {
    guard let harmless else { return nil }
    if let value, harmless.contains(Self.plain(value)) { return nil }
    return advice
  }

  /// One spelling for each value: `False`, `no` and `off` are `false`, `0.0` is `0`, `None` is nothing.
  private static func plain(_ value: String) -> String {
    let text = value.lowercased()
    if ["", "none", "null", "~", "[]", "{}"].contains(text) { return "" }
    if let truth = Bool(optionText: text) { return "\(truth)" }
    return Double(text).flatMap { Int(exactly: $0) }.map { "\($0)" } ?? text
  }

  package static let all: [String: UnsupportedArgument] = {
    let idle = idleNames.map { UnsupportedArgument(name: $0, harmless: nil, advice: "") }
    let others = refusals.map { names, values, advice in
      names.split(separator: " ").map {
        UnsupportedArgument(name: "\($0)", harmless: Set(values + [""]), advice: advice)
      }
    }
    return Dictionary(uniqueKeysWithValues: (idle + others.joined()).map { ($0.name, $0) })
  }()

  /// Names that options of ``TrainingArguments`` have in other versions of Transformers.
  package static let otherNames = [
    "evaluation_strategy": "eval_strategy", "activation_checkpointing": "gradient_checkpointing",
  ]

  /// Options without an effect here, whatever their value.
  private static let idleNames = """
    accelerator_config activation_checkpointing_kwargs average_tokens_across_devices batch_eval_metrics \
    dataloader_in_order dataloader_multiprocessing_context dataloader_persistent_workers dataloader_pin_memory \
    dataloader_prefetch_factor ddp_backend ddp_broadcast_buffers ddp_bucket_cap_mb ddp_find_unused_parameters \
    ddp_static_graph ddp_timeout dispatch_batches do_eval enable_jit_checkpoint eval_accumulation_steps \
    eval_do_concat_batches eval_use_gather_object fp16_backend fp16_opt_level full_determinism \
    gradient_checkpointing_kwargs half_precision_backend hub_always_push hub_revision hub_strategy \
    include_inputs_for_metrics label_names length_column_name log_on_each_node \
    logging_nan_inf_filter no_cuda project push_to_hub_model_id push_to_hub_organization push_to_hub_token ray_scope \
    remove_unused_columns restore_callback_states_from_checkpoint run_name save_on_each_node split_batches \
    torch_empty_cache_steps trackio_bucket_id trackio_space_id trackio_static_space_id use_cache use_cpu xpu_backend
    """.split(separator: " ").map(String.init)

  /// Options, the values that ask for nothing, and what to say of others.
  private static let refusals: [(names: String, harmless: [String], advice: String)] = [
    ("fp16 fp16_full_eval", ["false"], "float16 isn't supported; use `bf16`"),
    ("bf16_full_eval", ["false"], "evaluation computes as training does; use `bf16`"),
    ("tf32", ["false"], "is for GPUs; use `bf16`"),
    ("use_mps_device", ["false"], "only the CPU computes"),
    ("optim", ["adamw_torch", "adamw_torch_fused"], "AdamW is the only optimizer: adamw_torch"),
    ("adafactor", ["false"], "AdamW is the only optimizer"),
    (
      "optim_args optim_target_modules", [],
      "AdamW's options are `adam_beta1`, `adam_beta2`, `adam_epsilon` and `weight_decay`"
    ),
    ("lr_scheduler_kwargs", [], "the schedules of `lr_scheduler_type` have no options"),
    ("per_gpu_train_batch_size", [], "use `per_device_train_batch_size`"),
    ("per_gpu_eval_batch_size", [], "use `per_device_eval_batch_size`"),
    ("auto_find_batch_size", ["false"], "set `per_device_train_batch_size`"),
    ("logging_strategy", ["steps"], "the log has an entry every `logging_steps`"),
    ("logging_dir", [], "TensorBoard's files are in the folder runs of the output folder; leave it out"),
    (
      "log_level log_level_replica", ["passive", "warning"], "isn't supported; send standard error to a file"
    ),
    ("disable_tqdm", ["false"], "isn't supported; send standard error to a file, which gets no bar"),
    (
      "include_num_input_tokens_seen include_tokens_per_second", ["no", "false"],
      "tokens aren't counted; speeds are in captions"
    ),
    ("include_for_metrics", [], "metrics are measured on captions alone"),
    ("prediction_loss_only", ["false"], "use `predict_with_generate=false`"),
    ("evaluate_during_training", ["false"], "use `eval_strategy`"),
    ("eval_delay", ["0"], "isn't supported; evaluations begin at once"),
    ("eval_on_start", ["false"], "isn't supported; measure the model with `vignette evaluate`"),
    ("use_legacy_prediction_loop", ["false"], "there is one evaluation; leave it out"),
    (
      "save_only_model", ["false"],
      "checkpoints hold all that a run needs to go on; limit them with `save_total_limit`"
    ),
    ("save_safetensors", ["true"], "use `weights_format`"),
    ("do_train", ["true", "false"], "leave it out"),
    ("do_predict", ["false"], "measure the test split with `vignette evaluate`"),
    ("ignore_data_skip", ["false"], "a resumed run goes on exactly where it was"),
    ("data_seed", [], "`seed` decides the data's order too"),
    ("dataloader_drop_last", ["false"], "isn't supported; the last batch of an epoch may be small"),
    ("train_sampling_strategy", ["random"], "captions are shuffled, or not with `shuffle=false`"),
    ("group_by_length sortish_sampler", ["false"], "captions are shuffled, or not with `shuffle=false`"),
    ("generation_config", [], "the model's generation_config.json is used; change options there"),
    ("neftune_noise_alpha", ["0"], "isn't supported; `label_smoothing_factor` regularizes too"),
    ("skip_memory_metrics", ["true"], "memory isn't measured"),
    ("past_index", ["-1"], "is for models with a memory, which this isn't; leave it out"),
    ("local_rank", ["-1", "0"], "there is one process"),
    ("fsdp", ["false"], "there is one process, so nothing can be sharded"),
    (
      "fsdp_config fsdp_min_num_params fsdp_transformer_layer_cls_to_wrap deepspeed parallelism_config mp_parameters",
      ["0"], "there is one process, so nothing can be sharded"
    ),
    ("tpu_num_cores tpu_metrics_debug", ["false"], "only the CPU computes"),
    (
      "torch_compile torch_compile_backend torch_compile_mode torchdynamo jit_mode_eval use_ipex", ["false"],
      "nothing needs compiling; leave it out"
    ),
    ("use_liger_kernel liger_kernel_config", ["false"], "only the CPU computes; leave it out"),
    ("debug", [], "isn't supported; leave it out"),
  ]
}
