import Foundation
import VignetteCheckpoints
import VignetteDatasets
import VignetteFiles
import VignetteImages
import VignetteModels
import VignetteTokenizers

extension Target {
  /// One for each kind of file.
  static let fileTargets: [Target] = [
    Target(
      name: "safetensors",
      seeds: { _ in
        try Seeds.each("checkpoints", [".safetensors"], as: "x.safetensors")
          + [Sample("x.safetensors", try Seeds.bytes("pretrained/vit/model.safetensors"))]
      }
    ) { folder, _ in
      for tensor in try SafetensorsFile(at: folder.appendingPathComponent("x.safetensors")).tensors {
        _ = tensor.floats()
      }
    },
    Target(
      name: "pytorch",
      seeds: { _ in
        try Seeds.each("checkpoints", [".bin"], as: "x.bin") + Seeds.each("blip", [".pth"], as: "x.bin")
      }
    ) { folder, _ in
      for tensor in try PyTorchFile(at: folder.appendingPathComponent("x.bin")).tensors
      where tensor.elementCount < 1 << 24 {
        _ = tensor.floats()
      }
    },
    Target(
      name: "shards",
      seeds: { _ in
        try ["checkpoints/sharded", "checkpoints/bin-sharded"].map { try Sample(contentsOf: Seeds.url($0)) }
      }
    ) { folder, _ in
      let checkpoint = try CheckpointFolder(at: folder)
      for name in checkpoint.names {
        let tensor = try checkpoint.tensor(named: name)
        if tensor.elementCount < 1 << 24 { _ = tensor.floats() }
      }
    },
    Target(name: "zip", seeds: { _ in try Seeds.each("datasets", [".zip"], as: "x.zip") }) { folder, _ in
      let file = try ZipFile(at: folder.appendingPathComponent("x.zip"), limit: 1 << 24)
      try file.verify()
      let unpacked = folder.appendingPathComponent("unpacked")
      try FolderMaker.make(unpacked)
      defer { try? FileManager.default.removeItem(at: unpacked) }
      _ = try file.unpack(to: unpacked)
    },
    Target(
      name: "preprocessor_config",
      seeds: { _ in
        try Seeds.each("pretrained", ["preprocessor_config.json"], as: "preprocessor_config.json")
          + Seeds.each("models", ["preprocessor_config.json"], as: "preprocessor_config.json")
      }
    ) { folder, _ in
      let processor = try ImageProcessor(contentsOf: folder)
      let pixels = try processor.pixels(
        RGBImage(width: 5, height: 3, pixels: [UInt8](repeating: 9, count: 45)))
      _ = processor.preprocessorConfiguration()
      var values = [Float](repeating: 0, count: pixels.pixels.count)
      values.withUnsafeMutableBufferPointer { processor.normalize(pixels, into: $0) }
    },
    Target(
      name: "generation_config",
      seeds: { _ in
        try Seeds.each("models", ["generation_config.json"], as: "generation_config.json")
          + Seeds.each("architectures", ["generation_config.json"], as: "generation_config.json")
      }
    ) { folder, _ in
      let json = try JSONField(contentsOf: folder.appendingPathComponent("generation_config.json"))
      _ = try GenerationOptions.unsupportedFields(ofGenerationConfig: json)
      _ = try GenerationOptions.checkpoint(generationConfig: json, config: nil).generationConfig()
    },
    Target(name: "tokenizer", seeds: { _ in try tokenizers() }) { folder, _ in
      try readTokenizer(in: folder)
    },
    Target(name: "sentencepiece", seeds: { _ in try sentencePieceModels() }) { folder, _ in
      try readTokenizer(in: folder)
    },
    Target(name: "unigram", seeds: { _ in try unigramTokenizers() }) { folder, _ in
      try readTokenizer(in: folder)
    },
  ]

  /// Loads a tokenizer, tries it and writes it again.
  private static func readTokenizer(in folder: URL) throws {
    let tokenizer = try AutoTokenizer.load(from: folder)
    for text in [
      "a dog runs", "", "  Na\u{EF}ve \u{1F600}\u{0301}\n\tx<|endoftext|> [MASK]", "\u{0}\u{FFFD}42'll",
      "\u{FB01}\u{301} \u{915}\u{94D}\u{915}\u{308} \u{2581}<0x41><unk>",
    ] {
      let ids = tokenizer.encode(text, addSpecialTokens: true)
      _ = tokenizer.decode(ids, skipSpecialTokens: false, cleanUpTokenizationSpaces: nil)
    }
    _ = tokenizer.decode([-1, 0, 1, .max, 5], skipSpecialTokens: true, cleanUpTokenizationSpaces: true)
    _ = tokenizer.textBytes(of: 3)
    let copy = folder.appendingPathComponent("copy")
    try FolderMaker.make(copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    try tokenizer.save(to: copy)
  }

  /// A `.model` file as each class takes it.
  private static func sentencePieceModels() throws -> [Sample] {
    let models = try [
      "clusters/sentencepiece.bpe.model", "nmt_nfkc/sentencepiece.bpe.model", "plain/spiece.model",
    ]
    .map { try Seeds.bytes("unigram/\($0)") }
    let names = ["XLMRoberta", "Camembert", "MBart", "MBart50", "T5", "Barthez"]
    return names.enumerated().map { index, name in
      let bytes = models[index % models.count]
      return Sample([
        (name == "T5" ? "spiece.model" : "sentencepiece.bpe.model", bytes),
        ("tokenizer_config.json", Array(#"{"tokenizer_class": "\#(name)Tokenizer"}"#.utf8)),
      ])
    }
  }

  private static func unigramTokenizers() throws -> [Sample] {
    try ["clusters", "trained"].flatMap { folder in
      let bytes = try Seeds.bytes("unigram/\(folder)/tokenizer.json")
      let config = Array(
        #"{"tokenizer_class": "XLMRobertaTokenizer", "src_lang": "en_XX", "extra_ids": 3}"#.utf8)
      return [
        Sample("tokenizer.json", bytes),
        Sample([("tokenizer.json", bytes), ("tokenizer_config.json", config)]),
      ]
    }
  }

  /// Folders with the files of tokenizers alone.
  private static func tokenizers() throws -> [Sample] {
    let names: Set<String> = [
      "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.json", "merges.txt",
      "vocab.txt",
    ]
    let folders = [
      "models/vit-gpt2", "models/vit-gpt2-unscaled", "pretrained/bert", "pretrained/roberta",
      "pretrained/gpt2",
      "pretrained/distilbert", "image_text/clip",
    ]
    let small = try folders.map { folder in
      var sample = try Sample(contentsOf: Seeds.url(folder))
      sample.files.removeAll { !names.contains($0.name) }
      return sample
    }
    return small.filter { !$0.files.isEmpty }
  }
}
