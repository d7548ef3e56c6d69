/// Why a caption got no more tokens.
public enum StopReason: Sendable, Equatable {
  /// It ends with an end token.
  case endToken
  /// It holds a text of `stopStrings`.
  case stopString
  /// It is as long as `maxLength` allows.
  case maxLength
  /// `maxTime` was over.
  case maxTime
}

/// Says which captions are finished (`StoppingCriteria` in Transformers).
package protocol StoppingCriterion: Sendable {
  var reason: StopReason { get }

  /// Whether a caption ends with the token that it has just got.
  func ends(_ step: CaptionStep) -> Bool
}

/// A caption that has just got a token.
package struct CaptionStep {
  /// What was there before, the prompt first.
  package let prefix: [Int]
  package let tokenID: Int
  /// The time since generation began, the same for all captions of a step.
  package let elapsed: Duration

  package init(prefix: [Int], tokenID: Int, elapsed: Duration) {
    self.prefix = prefix
    self.tokenID = tokenID
    self.elapsed = elapsed
  }
}

extension [any StoppingCriterion] {
  /// Why a caption ends; nil where it goes on.
  func reason(_ step: CaptionStep) -> StopReason? { first { $0.ends(step) }?.reason }
}

/// Ends captions with an end token (`EosTokenCriteria`).
struct EndTokens: StoppingCriterion {
  let tokenIDs: [Int]
  var reason: StopReason { .endToken }

  func ends(_ step: CaptionStep) -> Bool { tokenIDs.contains(step.tokenID) }
}

/// Ends captions that are as long as they may be (`MaxLengthCriteria`).
struct MaxLength: StoppingCriterion {
  /// The prompt's tokens counted.
  let maxLength: Int
  var reason: StopReason { .maxLength }

  func ends(_ step: CaptionStep) -> Bool { step.prefix.count + 1 >= maxLength }
}

/// Ends all captions when the time is over (`MaxTimeCriteria`).
package struct MaxTime: StoppingCriterion {
  private let limit: Duration
  package var reason: StopReason { .maxTime }

  /// - Parameter seconds: 0 or more.
  package init(seconds: Double) {
    // A `Duration` counts attoseconds; what is beyond a century doesn't end.
    limit = .seconds(Swift.min(seconds, 3e9))
  }

  package func ends(_ step: CaptionStep) -> Bool { step.elapsed > limit }
}
