import VignetteFiles
import Testing

@Suite struct JSONFieldTests {
  private enum Activation: String, CaseIterable, JSONReadable { case gelu, relu }

  private let config = JSONField(
    [
      "encoder": ["hidden_size": 768, "depths": [2, 2, "6"], "layer_norm_eps": 1e-12, "dropout": 0],
      "hidden_act": "gelu", "wrong_act": "tanh", "pad_token_id": nil, "id2label": ["0": "cat"], "n_embd": 12,
    ], file: "config.json")

  @Test func valuesAreReadByType() throws {
    #expect(try config["encoder"]["hidden_size"].value() == 768)
    #expect(try config["encoder"]["layer_norm_eps"].value() == 1e-12)
    #expect(try config["encoder"]["dropout"].value() == Float(0))
    #expect(try config["hidden_act"].value() == Activation.gelu)
    #expect(try config["id2label"].value() == ["0": "cat"])
    #expect(try config["hidden_size", "n_embd"].value() == 12)
    #expect(try JSONField(20.0, file: "f").value() == 20)
  }

  @Test func absentAndNullTakeTheDefault() throws {
    #expect(try config["pad_token_id"].optional(as: Int.self) == nil)
    #expect(try config["pad_token_id"].value(default: 3) == 3)
    #expect(try config["decoder"]["hidden_size"].value(default: 5) == 5)
    #expect(!config["decoder"].isPresent)
  }

  @Test(arguments: [
    (["encoder", "hidden_act"], "encoder.hidden_act: expected an integer, found nothing"),
    (["hidden_act"], #"hidden_act: expected an integer, found "gelu""#),
    (["hidden_act", "name"], #"hidden_act: expected an object, found "gelu""#),
    (["encoder", "layer_norm_eps"], "encoder.layer_norm_eps: expected an integer, found 1e-12"),
    (
      [], "expected an integer, found {\"encoder\": {\"hidden_size\": 768, \"depths\": [2, 2, \"6\"], \"lay…"
    ),
  ])
  func aWrongValueIsNamed(path: [String], message: String) {
    let field = path.reduce(config) { $0[$1] }
    let error = #expect(throws: JSONError.self) { try field.value(as: Int.self) }
    #expect(error.map { "\($0)" } == "config.json: \(message)")
  }

  @Test func anElementOfAListIsNamed() {
    let error = #expect(throws: JSONError.self) { try config["encoder"]["depths"].value(as: [Int].self) }
    #expect(error.map { "\($0)" } == #"config.json: encoder.depths[2]: expected an integer, found "6""#)
  }

  @Test func possibleNamesAreListed() {
    let error = #expect(throws: JSONError.self) { try config["wrong_act"].value(as: Activation.self) }
    #expect(
      error.map { "\($0)" } == #"config.json: wrong_act: expected one of "gelu", "relu", found "tanh""#)
  }
}
