import Foundation
import VignetteHub

extension Target {
  /// What the command reads besides the library.
  static let commandTargets: [Target] = [hub] + (hasCommand ? [yaml] : [])

  /// Names of models, and the files in which the Hub's cache says what they stand for.
  private static let hub = Target(name: "hub", seeds: { _ in hubSamples }) { folder, sample in
    let name = sample.files.first { $0.name == "name" }?.bytes ?? []
    let text = String(decoding: name, as: UTF8.self)
    _ = HubModelName(text)
    _ = try HubCache(at: folder).resolve(text)
  }

  private static var hubSamples: [Sample] {
    let commit = "0123456789abcdef0123456789abcdef01234567"
    return ["owner/name", "owner/name@v1.0", "owner/name@refs/pr/2", "owner/name@\(commit)", "gpt2"].map {
      name in
      let repository = name == "gpt2" ? "models--gpt2" : "models--owner--name"
      let files = [
        ("name", name), ("\(repository)/refs/main", commit), ("\(repository)/refs/v1.0", "\(commit)\n"),
        ("\(repository)/refs/refs/pr/2", commit), ("\(repository)/snapshots/\(commit)/config.json", "{}"),
      ]
      return Sample(files.map { ($0.0, Array($0.1.utf8)) })
    }
  }

  /// Configuration files of `vignette train`, up to the point where its help would be printed.
  private static let yaml = Target(
    name: "yaml", seeds: { _ in configurations.map { Sample("x.yaml", Array($0.utf8)) } }
  ) { folder, _ in
    let process = Process()
    process.executableURL = command
    process.arguments = ["train", "--config", folder.appendingPathComponent("x.yaml").path, "--help"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationReason == .exit else {
      fatalError("vignette: signal \(process.terminationStatus)")
    }
    if process.terminationStatus != 0 { throw Refusal() }
  }

  private struct Refusal: Error {}

  /// The command that was built beside this program.
  private static let command = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("vignette")

  private static let hasCommand = FileManager.default.isExecutableFile(atPath: command.path)

  private static let configurations = [
    "model: model\ndataset: coco\ndata_dir: coco\noutput_dir: run\nlearning_rate: 5.0e-5\nbf16: true\n",
    "num-train-epochs: 3.0\nshuffle: no\nfp16: false\nreport_to: [tensorboard]\nresume_from_checkpoint: true\n",
    "# comment\nper_device_train_batch_size: &size 4\nper_device_eval_batch_size: *size\nlogging_steps: 0.1\n",
    "prompt: \"a photo of\"\nmax_target_length: ~\nlr_scheduler_type: cosine\noptim: adamw_torch\ndeepspeed: {}\n",
  ]
}
