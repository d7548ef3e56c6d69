import Foundation
import Testing
import Vignette
import VignetteTestSupport

/// What models there are, and what a folder is.
@Suite struct ModelsCommandTests {
  @Test func whatIsSupportedIsListed() throws {
    let run = try Command.run(["models"])
    #expect(run.status == 0 && run.errors.isEmpty)
    let lines = run.output.split(separator: "\n").map(String.init)
    for line in [
      "family\tblip", "family\tgit", "encoder\tclip_vision_model", "decoder\ttrocr", "tokenizer\tT5Tokenizer",
      "image-text model\tclip", "image-text model\tblip",
      "image-text model\tsiglip", "tokenizer\tSiglipTokenizer",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
    #expect(Set(lines).count == lines.count)
  }

  @Test func aCaptionerIsToldByItsParts() throws {
    let run = try Command.run(["inspect", Fixture.url("models/vit-gpt2").path])
    #expect(run.status == 0, "\(run.errors)")
    for part in [
      "model: vision-encoder-decoder, encoder vit, decoder gpt2\n", "float32", "safetensors in 1 file\n",
      "image processor: ViTImageProcessor", "captions: yes\n",
    ] { #expect(run.output.contains(part), "\(part): \(run.output)") }
  }

  /// Each thing that keeps a folder from captioning is named.
  @Test(arguments: [
    ("vit", "a vision encoder alone", "tokenizer: "), ("gpt2", "a language model alone", "image processor: "),
  ])
  func whatIsMissingIsNamed(name: String, kind: String, missing: String) throws {
    let folder = Fixture.url("pretrained/\(name)").path
    let run = try Command.run(["inspect", folder])
    #expect(run.status == 1 && run.output.contains("captions: no\n"))
    let line = run.output.split(separator: "\n").first { $0.hasPrefix(missing) }
    #expect(run.output.contains(kind) && line?.contains(folder) == true, "\(run.output)")
  }

  /// What a folder serves that captions nothing.
  @Test(arguments: [
    ("pretrained/vit", ["vignette init --encoder"]), ("pretrained/bert-masked", ["vignette init --decoder"]),
    ("pretrained/clip", ["vignette init --encoder"]),
    ("image_text/clip", ["vignette init --encoder", "vignette evaluate --image-text-model"]),
    ("image_text/blip-itm", ["vignette evaluate --image-text-model"]),
    ("image_text/siglip", ["vignette init --encoder", "vignette evaluate --image-text-model"]),
    ("models/vit-gpt2", []), ("blip/blip", []),
  ])
  func whatAFolderServesIsSaid(name: String, uses: [String]) throws {
    let run = try Command.run(["inspect", Fixture.url(name).path])
    let lines = run.output.split(separator: "\n").filter { $0.hasPrefix("serves: ") }
    #expect(lines.map { String($0.dropFirst("serves: ".count)) } == uses, "\(run.output)\(run.errors)")
    #expect(run.output.contains("captions: \(uses.isEmpty ? "yes" : "no")\n"))
  }

  /// Shapes, ids and sizes are compared with config.json: what can't be used is told before it is loaded.
  @Test(arguments: [
    (
      "config.json", #""intermediate_size": 32"#, #""intermediate_size": 20"#,
      "weights: PATH/model.safetensors: encoder.encoder.layer.0.intermediate.dense.weight has shape [32, 12], but "
        + "config.json calls for [20, 12]"
    ),
    (
      "config.json", #""num_attention_heads": 2"#, #""num_attention_heads": 5"#,
      "model: PATH/config.json: encoder.num_att"
    ),
    (
      "generation_config.json", "{", #"{"num_beams": 0,"#,
      "generation: PATH/generation_config.json: num_beams: must be from 1 to 1024, but is 0"
    ),
    (
      "generation_config.json", "{", #"{"forced_eos_token_id": 5000,"#,
      "generation: PATH/generation_config.json: forced_eos_token_id: must be a token id below"
    ),
  ])
  func whatDoesNotFitIsTold(file: String, old: String, new: String, line: String) throws {
    let folder = try Self.copy(file, old, new)
    let run = try Command.run(["inspect", folder.url.path])
    #expect(run.status == 1 && run.output.contains("captions: no\n"), "\(run.output)")
    #expect(run.output.contains(line.replacing("PATH", with: folder.url.path)), "\(run.output)")
  }

  /// What is unusual and does no harm is remarked on.
  @Test func remarks() throws {
    let folder = try Self.copy(
      "generation_config.json", "{", #"{"guidance_scale": 1.5, "suppress_tokens": [3, 7000],"#)
    let run = try Command.run(["inspect", folder.url.path])
    #expect(run.status == 0 && run.output.contains("captions: yes\n"), "\(run.output)")
    for remark in [
      "  remark: suppress_tokens 7000 is no token of the model, which has 0 to ",
      "  remark: generation_config.json: guidance_scale is ignored: it weighs captions against what the model says without its image",
    ] { #expect(run.output.contains(remark), "\(run.output)") }
  }

  /// A tokenizer that lacks tokens, and one that has too many.
  @Test func vocabulariesAreCompared() throws {
    let folder = try TemporaryFolder()
    let captions = try folder.write(Data("a red tent\n".utf8), to: "captions.txt")
    let model = folder.url.appendingPathComponent("model")
    let made = try Command.run([
      "init", "--encoder-preset", "vit-micro", "--decoder-preset", "gpt2-micro", "--tokenizer-from",
      captions.path,
      "--vocab-size", "257", "--output", model.path,
    ])
    #expect(made.status == 0, "\(made.errors)")
    for name in ["tokenizer.json", "tokenizer_config.json"] {
      try folder.write(Fixture.data("models/vit-gpt2/\(name)"), to: "model/\(name)")
    }
    let remark =
      "the tokenizer has no token from 96 on, but the decoder's vocab_size is 257: such ids stand for no text"
    let inspected = try Command.run(["inspect", model.path])
    #expect(inspected.output.contains("tokenizer: 96 tokens\n  remark: \(remark)"), "\(inspected.output)")
    let captioned = try Command.run(["caption", "--model", model.path, CommandTests.scene])
    #expect(captioned.status == 0 && captioned.errors.contains(remark), "\(captioned.errors)")
    // Two ids that BLIP's tokenizer doesn't have are usual.
    let usual = try Command.run(["caption", "--model", Fixture.url("blip/blip").path, CommandTests.scene])
    #expect(usual.status == 0 && usual.errors.isEmpty, "\(usual.errors)")
    let blip = try Command.run(["inspect", Fixture.url("blip/blip").path])
    #expect(blip.output.contains("  remark: the tokenizer has no token from "), "\(blip.output)")
  }

  /// A copy of a captioner with one of its files changed.
  private static func copy(_ file: String, _ old: String, _ new: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let model = Fixture.url("models/vit-gpt2")
    for name in try FileManager.default.contentsOfDirectory(atPath: model.path) {
      try folder.write(Data(contentsOf: model.appendingPathComponent(name)), to: name)
    }
    let text = String(decoding: try Fixture.data("models/vit-gpt2/\(file)"), as: UTF8.self)
    let range = try #require(text.range(of: old))
    try folder.write(Data(text.replacingCharacters(in: range, with: new).utf8), to: file)
    return folder
  }

  @Test func aFolderWithoutConfigurationIsAnError() throws {
    let folder = try TemporaryFolder()
    let run = try Command.run(["inspect", folder.url.path])
    #expect(run.status == 2 && run.errors.contains("config.json"), "\(run.errors)")
  }
}
