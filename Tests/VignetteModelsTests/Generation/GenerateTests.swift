import Foundation
import VignetteModels
import Testing

@Suite struct GenerateTests {
  static let special = GenerationOptions(decoderStartTokenID: 1, eosTokenIDs: [2], padTokenID: 0)
  static let images = Array(100..<120)

  /// Stopping at the first end token, a single beam can only do what greedy search does (unless logits are equal).
  @Test func oneBeamIsGreedySearch() throws {
    let options = GenerationOptions(maxLength: 14, earlyStopping: .always, noRepeatNgramSize: 2)
      .filled(from: Self.special)
    var greedy = HashedCaptioner(images: Self.images, levels: 65537)
    greedy.divisor = 8192
    var beam = greedy
    let expected = try greedy.generate(options)
    let plan = try GenerationPlan(options, vocabularySize: 48, maximumLength: 64)
    let scorer = TokenScorer(
      logits: try LogitsBuffer(images: Self.images.count, rowsPerImage: 1, 48),
      processors: Self.images.map { _ in plan.processors(custom: []) })
    let outputs = try BeamSearch(
      Self.images.map { _ in plan }, scorer, Self.images.map { _ in plan.stoppingCriteria() }
    ).run(&beam)
    #expect(outputs.map { $0.map(\.tokenIDs) } == expected.map { $0.map(\.tokenIDs) })
  }

  @Test(arguments: [1, 4])
  func finishedImagesAreNotComputed(_ beams: Int) throws {
    var model = HashedCaptioner(images: Self.images)
    _ = try model.generate(.init(maxLength: 20, numBeams: beams).filled(from: Self.special))
    #expect(model.rowCounts[0] == Self.images.count)
    #expect(model.rowCounts[1] <= Self.images.count * beams)
    #expect(model.rowCounts.dropFirst() == model.rowCounts.dropFirst().sorted(by: >)[...])
    #expect(model.rowCounts.last.map { $0 < Self.images.count * beams } == true)
  }

  @Test func tokensComeAsTheyAreGenerated() throws {
    var model = HashedCaptioner(images: [5, 6])
    var streamed: [[[Int]]] = Array(repeating: Array(repeating: [1], count: 2), count: 2)
    let options = GenerationOptions(maxLength: 9, doSample: true, numReturnSequences: 2)
    let outputs = try model.generate(options.filled(from: Self.special)) {
      streamed[$0.image][$0.sequence].append($0.tokenID)
    }
    #expect(outputs.map { $0.map(\.tokenIDs) } == streamed)
  }

  @Test(arguments: [1, 3])
  func customProcessorsRun(_ beams: Int) throws {
    struct OnlyEven: LogitsProcessor {
      func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
        for token in scores.indices where token % 2 == 1 { scores[token] = -.infinity }
      }
    }
    var model = HashedCaptioner(images: Self.images)
    let outputs = try model.generate(
      .init(maxLength: 9, numBeams: beams).filled(from: Self.special), processors: [OnlyEven()])
    #expect(outputs.joined().allSatisfy { $0.tokenIDs.dropFirst().allSatisfy { $0 % 2 == 0 } })
  }

  @Test func cancelledTaskStops() async {
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      var model = HashedCaptioner(images: [1])
      return try model.generate(Self.special)
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func noImagesNoCaptions() throws {
    var model = HashedCaptioner(images: [])
    #expect(try model.generate(Self.special).isEmpty)
  }

  struct Broken: DecodingModel {
    let value: Float
    var imageCount: Int { 2 }
    var vocabularySize: Int { 300 }
    var maximumLength: Int { 8 }
    func begin(prompts: [[Int]], logits: UnsafeMutableBufferPointer<Float>) {
      step(tokens: [], parents: [], logits: logits)
    }
    func step(tokens: [Int], parents: [Int], logits: UnsafeMutableBufferPointer<Float>) {
      logits.update(repeating: 0)
      logits[logits.count - 7] = value
    }
  }

  @Test(arguments: [Float.nan, .infinity], [1, 2])
  func brokenLogitsAreAnError(_ value: Float, _ beams: Int) {
    var model = Broken(value: value)
    #expect(throws: GenerationError.brokenLogits(image: 1, position: 1)) {
      try model.generate(.init(numBeams: beams).filled(from: Self.special))
    }
  }

  @Test func nothingToSampleIsAnError() {
    var model = HashedCaptioner(images: [1])
    #expect(throws: GenerationError.nothingToSample(image: 0, position: 1)) {
      try model.generate(.init(doSample: true, suppressTokens: Array(0..<48)).filled(from: Self.special))
    }
  }
}
