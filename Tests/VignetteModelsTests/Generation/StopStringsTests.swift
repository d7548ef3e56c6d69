import Testing
import VignetteFiles
import VignetteModels
import VignetteTestSupport

/// Texts that end captions, against Transformers' `StopStringCriteria`.
@Suite struct StopStringsTests {
  struct Vocabulary: Decodable {
    struct Match: Decodable {
      let stopStrings: [String]
      /// Captions that end with their last token; nil where Transformers refuses the texts.
      let ends: [[Int]]?
      let goesOn: [[Int]]?
    }

    let name: String
    /// In hexadecimal.
    let tokens: [String]
    let matches: [Match]
    let searches: [SearchFixtureTests.Case]

    var tokenText: TokenText {
      let bytes = tokens.map { hex in
        stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
      }
      return TokenText(idBound: bytes.count) { bytes[$0] }
    }
  }

  static let vocabularies = Result {
    try Fixture.json([Vocabulary].self, "generation_options/stop_strings.json")
  }

  @Test func captionsEndWhereTheyDoInTransformers() throws {
    for vocabulary in try Self.vocabularies.get() {
      for match in vocabulary.matches {
        let ends = try #require(match.ends)
        let criterion = try StopStrings(match.stopStrings, vocabulary.tokenText)
        for (captions, expected) in [(ends, true), (match.goesOn ?? [], false)] {
          for caption in captions {
            let step = CaptionStep(
              prefix: Array(caption.dropLast()), tokenID: caption[caption.count - 1], elapsed: .zero)
            #expect(
              criterion.ends(step) == expected, "\(vocabulary.name), \(match.stopStrings), \(caption)")
          }
        }
      }
    }
  }

  @Test func searchesEqualTransformers() throws {
    var endings = 0
    for vocabulary in try Self.vocabularies.get() {
      for search in vocabulary.searches {
        try SearchFixtureTests.expectEqual(search, tokenText: vocabulary.tokenText)
        endings += search.sequences.count { $0.last != 2 && $0.count < 24 }
      }
    }
    #expect(endings > 15)
  }

  @Test func saysWhyCaptionsEnd() throws {
    let text = TokenText(idBound: 48) { [UInt8($0 + 48)] }
    func reason(_ options: GenerationOptions) throws -> StopReason? {
      var model = HashedCaptioner(images: [100])
      let all = options.filled(from: GenerateTests.special)
      return try model.generate(all, tokenText: text)[0][0].stopReason
    }
    for beams in [1, 3] {
      #expect(try reason(.init(maxLength: 60, numBeams: beams)) == .endToken)
      #expect(try reason(.init(maxLength: 2, numBeams: beams, suppressTokens: [2])) == .maxLength)
      #expect(try reason(.init(maxTime: 0, numBeams: beams, suppressTokens: [2])) == .maxTime)
      let letters = (3..<48).map { String(UnicodeScalar(UInt8($0 + 48))) }
      #expect(try reason(.init(stopStrings: letters, numBeams: beams, suppressTokens: [2])) == .stopString)
    }
  }

  @Test func refusesTextsThatCannotCome() throws {
    let text = TokenText(idBound: 3) { $0 == 1 ? nil : [UInt8(97 + $0)] }
    #expect(throws: SettingError.self) { try StopStrings(["b", "é"], text) }
    _ = try StopStrings(["é", "xc"], text)
    var model = HashedCaptioner(images: [1])
    let error = #expect(throws: GenerationError.self) {
      try model.generate(GenerationOptions(stopStrings: ["a"]).filled(from: GenerateTests.special))
    }
    #expect(error.map { "\($0)".contains("`stop_strings`") } == true)
  }

  /// Ids without a token, and captions shorter than a text.
  @Test func survivesHoles() throws {
    let text = TokenText(idBound: 3) { $0 == 1 ? nil : Array($0 == 0 ? "ab".utf8 : "".utf8) }
    let criterion = try StopStrings(["bab"], text)
    func ends(_ caption: [Int]) -> Bool {
      criterion.ends(
        CaptionStep(
          prefix: Array(caption.dropLast()), tokenID: caption[caption.count - 1], elapsed: .zero))
    }
    #expect(ends([0, 0]) && ends([0, 2, 0]))
    #expect(!ends([0]) && !ends([0, 1, 0]) && !ends([0, 0, 2]) && !ends([0, 0, 1]) && !ends([0, 99]))
  }

  @Test func timeEndsAllCaptions() {
    func ends(_ seconds: Double, after elapsed: Duration) -> Bool {
      MaxTime(seconds: seconds).ends(CaptionStep(prefix: [1], tokenID: 5, elapsed: elapsed))
    }
    #expect(ends(0, after: .nanoseconds(1)) && ends(1.5, after: .milliseconds(1501)))
    #expect(!ends(0, after: .zero) && !ends(1.5, after: .milliseconds(1500)))
    #expect(!ends(.infinity, after: .seconds(1_000_000)) && !ends(1e300, after: .seconds(1)))
  }
}
