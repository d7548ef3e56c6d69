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

  @Test func aFolderWithoutConfigurationIsAnError() throws {
    let folder = try TemporaryFolder()
    let run = try Command.run(["inspect", folder.url.path])
    #expect(run.status == 2 && run.errors.contains("config.json"), "\(run.errors)")
  }
}
