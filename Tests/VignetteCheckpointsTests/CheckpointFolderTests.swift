import Foundation
import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteTestSupport

@Suite struct CheckpointFolderTests {
  @Test(arguments: [
    ("single", WeightsFormat.safetensors, 1), ("sharded", .safetensors, 3), ("bin", .pytorch, 1),
    ("bin-sharded", .pytorch, 3),
  ])
  func everyLayoutIsRead(name: String, format: WeightsFormat, fileCount: Int) throws {
    let folder = try CheckpointFolder(at: Fixture.url("checkpoints/\(name)"))
    #expect(folder.format == format)
    #expect(folder.weightFiles.count == fileCount)
    let tensors = try folder.names.map { try folder.tensor(named: $0) }
    try Expectation("checkpoints/model.json").check(tensors)
    #expect(folder.metadata == (format == .safetensors ? ["format": "pt"] : [:]))
  }

  @Test func shardsAreCutAsTransformersCutsThem() throws {
    let original = Fixture.url("checkpoints/sharded")
    let source = try CheckpointFolder(at: Fixture.url("checkpoints/bin"))
    let folder = try TemporaryFolder()
    try folder.write(Data(), to: "model.safetensors")
    try folder.write(Data(), to: "pytorch_model-00001-of-00009.bin")
    try folder.write(Data(), to: "keep.bin")
    let tensors = try source.names.map { WritableTensor(try source.tensor(named: $0)) }
    try WeightsWriter.write(tensors, maximumShardSize: 2000, to: folder.url)

    let names = try FileManager.default.contentsOfDirectory(atPath: original.path).filter {
      $0 != "config.json"
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
        == (names + ["keep.bin"]).sorted())
    for name in names {
      #expect(
        try Data(contentsOf: folder.url.appendingPathComponent(name))
          == Data(contentsOf: original.appendingPathComponent(name)), "\(name)")
    }
  }

  @Test(arguments: WeightsFormat.allCases)
  func whatIsWrittenIsReadAgain(format: WeightsFormat) throws {
    let source = try CheckpointFolder(at: Fixture.url("checkpoints/single"))
    let tensors = try source.names.map { WritableTensor(try source.tensor(named: $0)) }
    for maximumShardSize in [1, 2000, 1_000_000] {
      let folder = try TemporaryFolder()
      try WeightsWriter.write(tensors, format: format, maximumShardSize: maximumShardSize, to: folder.url)
      let copy = try CheckpointFolder(at: folder.url)
      #expect(copy.format == format)
      try Expectation("checkpoints/model.json").check(copy.names.map { try copy.tensor(named: $0) })
    }
  }

  @Test func safetensorsArePreferred() throws {
    let folder = try TemporaryFolder()
    try folder.write(Fixture.data("checkpoints/bin/pytorch_model.bin"), to: "pytorch_model.bin")
    try folder.write(Fixture.data("checkpoints/single/model.safetensors"), to: "model.safetensors")
    #expect(try CheckpointFolder(at: folder.url).format == .safetensors)
    #expect(try CheckpointFolder(at: folder.url, formats: [.pytorch]).format == .pytorch)
  }

  @Test func tiedWeightsAreFoundUnderBothNames() throws {
    let folder = try TemporaryFolder()
    let weight = WritableTensor(
      name: "wte.weight", elementType: .float32, shape: [2], elements: [1, 2] as [Float])
    try SafetensorsWriter.write(
      [weight], metadata: ["format": "pt", "lm_head.weight": "wte.weight"],
      to: folder.url.appendingPathComponent("model.safetensors"))
    let checkpoint = try CheckpointFolder(at: folder.url)
    #expect(checkpoint.names == ["wte.weight"])
    #expect(checkpoint.tiedNames == ["lm_head.weight": "wte.weight"])
    #expect(try checkpoint.tensor(named: "lm_head.weight").floats() == [1, 2])
    #expect(throws: CheckpointError.noTensor(path: folder.url.path, name: "missing")) {
      try checkpoint.tensor(named: "missing")
    }
  }

  @Test func aFolderWithoutWeightsSaysWhatItHolds() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(), to: "config.json")
    let error = #expect(throws: CheckpointError.self) { try CheckpointFolder(at: folder.url) }
    #expect(
      error.map { "\($0)" } == "\(folder.url.path): holds no weights; looked for model.safetensors, "
        + "model.safetensors.index.json, pytorch_model.bin, pytorch_model.bin.index.json; "
        + "the folder holds config.json")
    let missing = folder.url.appendingPathComponent("missing")
    #expect(throws: CheckpointError.noFolder(path: missing.path)) { try CheckpointFolder(at: missing) }
  }

  /// Weights of other programs are named for what they are.
  @Test(arguments: [
    ("model-q4.GGUF", "model-q4.GGUF is a GGUF file, as llama.cpp reads them, which is not read"),
    ("tf_model.h5", "tf_model.h5 is TensorFlow's, which is not read"),
    ("flax_model.msgpack", "flax_model.msgpack is Flax's, which is not read"),
  ])
  func weightsOfOtherProgramsAreNamed(name: String, what: String) throws {
    let folder = try TemporaryFolder()
    for name in [name, "config.json"] { try folder.write(Data(), to: name) }
    let error = #expect(throws: CheckpointError.self) { try CheckpointFolder(at: folder.url) }
    let text = "\(try #require(error))"
    #expect(
      text.hasSuffix("; \(what): fetch the model's weights in safetensors or PyTorch's format"), "\(text)")
  }

  /// A training program's file of any name, with the weights beside the state of a run.
  @Test func theOnlyOriginalFileIsRead() throws {
    let folder = try TemporaryFolder()
    try folder.write(Fixture.data("blip/original/model.pth"), to: "model_base_caption.pth")
    let checkpoint = try CheckpointFolder(at: folder.url)
    #expect(
      checkpoint.format == .pytorch
        && checkpoint.weightFiles.map(\.lastPathComponent) == ["model_base_caption.pth"])
    #expect(checkpoint.names.contains("visual_encoder.cls_token") && !checkpoint.names.contains("epoch"))
    // Which of two, nobody says.
    try folder.write(Fixture.data("blip/original/model.pth"), to: "other.pth")
    #expect(throws: CheckpointError.self) { try CheckpointFolder(at: folder.url) }
    try folder.write(Fixture.data("checkpoints/single/model.safetensors"), to: "model.safetensors")
    #expect(try CheckpointFolder(at: folder.url).format == .safetensors)
  }

  @Test(arguments: [
    (#"{"weight_map": {"a": "../model.safetensors"}}"#, "is no name of a file in the same folder"),
    (#"{"weight_map": {"a": "/etc/passwd"}}"#, "is no name of a file in the same folder"),
    (#"{"weight_map": {"a": ".."}}"#, "is no name of a file in the same folder"),
    (#"{"weight_map": {"a": ""}}"#, "is no name of a file in the same folder"),
    (
      #"{"weight_map": {"a": "model-00002-of-00002.safetensors"}}"#,
      "which holds part of the weights, is missing"
    ),
    (#"{"weight_map": {"a": "part.safetensors"}}"#, "tensor \"a\" should be in part.safetensors, but isn't"),
    (#"{"weight_map": {"a": 1}}"#, "weight_map.a: expected a string, found 1"),
    (#"{"weight_map": []}"#, "weight_map: expected an object, found []"),
    (#"{}"#, "weight_map: expected a value, found nothing"),
    (#"{"#, "expected a key"),
  ])
  func aWrongIndexIsRefused(index: String, problem: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Fixture.data("checkpoints/single/model.safetensors"), to: "part.safetensors")
    try folder.write(Data(index.utf8), to: "model.safetensors.index.json")
    let error = #expect(throws: (any Error).self) { try CheckpointFolder(at: folder.url) }
    #expect(error.map { "\($0)".contains(problem) } == true, "\(String(describing: error))")
  }
}
