import ArgumentParser
import Foundation
import VignetteFiles
import VignetteEvaluation

/// How scores are printed.
enum ScoreFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json

  func lines(_ scores: [Metric]) -> [String] {
    switch self {
    case .json:
      let object = JSONObject(scores.map { ($0.key, JSONValue.double($0.value)) })
      return [JSONValue.object(object).text(.plainLine)]
    case .text:
      let width = scores.map(\.key.count).max() ?? 0
      return scores.map { score in
        let space = String(repeating: " ", count: width - score.key.count)
        return "\(score.key)\(space)  \(String(format: "%.4f", score.value))"
      }
    }
  }
}
