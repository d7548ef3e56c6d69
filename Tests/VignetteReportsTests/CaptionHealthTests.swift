import Testing
import VignetteEvaluation
import VignetteReports
import VignetteTrainer

@Suite struct CaptionHealthTests {
  @Test func differentCaptionsAreHealthy() throws {
    let health = try #require(
      CaptionHealth(captions: ["a dog on grass", "a cat", "two men play football", " a cat "]))
    #expect(health.count == 4 && health.distinctShare == 0.75 && health.repetitionRate == 0)
    #expect(health.commonest == "a cat" && health.commonestShare == 0.5)
    #expect(health.warnings == [])
    #expect(health.summary == "3 of 4 captions differ (75%), 0% repeat themselves")
  }

  @Test func theSameCaptionForEveryImageIsToldAbout() throws {
    let health = try #require(
      CaptionHealth(captions: Array(repeating: "a man in a\nred shirt", count: 9) + ["a dog"]))
    #expect(
      health.warnings == [
        "captions are nearly the same for every image: 20% of 10 differ, and 90% are \"a man in a red shirt\". "
          + "The model isn't looking at the images yet; train longer, or check that each caption stands beside "
          + "its image."
      ])
  }

  @Test func goingRoundInCirclesIsToldAbout() throws {
    let health = try #require(CaptionHealth(captions: ["a man a man a man a man", "a man and a man"]))
    #expect(health.repetitionRate == 0.5)
    #expect(health.warnings.count == 1)
    #expect(health.warnings.first?.hasPrefix("captions repeat themselves: 50% of them") == true)
  }

  @Test func noCaptionsHaveNoHealth() {
    #expect(CaptionHealth(captions: []) == nil)
    #expect(CaptionHealth(captions: [""])?.distinctShare == 1)
  }
}
