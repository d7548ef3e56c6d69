/// The character error rate `cer`, as Hugging Face's `evaluate` gives it with jiwer: what a reader of text is measured by.
///
/// The insertions, deletions and substitutions that turn all predictions into their references, for each character of the
/// references: less is better, and it may exceed 1. A character is a Unicode scalar; runs of white space count as one
/// space, and none at the ends. Of several references the one with the lowest rate counts.
public struct CharacterErrorMetric: CaptionMetric {
  private var errors = 0
  private var characters = 0
  private var rates: [Double] = []

  public init() {}

  public mutating func add(prediction: String, references: [String]) throws {
    let text = Self.characters(of: prediction)
    let counts = references.map { reference in
      let reference = Self.characters(of: reference)
      return (errors: EditDistance.count(text, reference), characters: reference.count)
    }
    guard
      let best = counts.min(by: { Self.rate($0.errors, $0.characters) < Self.rate($1.errors, $1.characters) })
    else { throw MetricsError.noReferences(image: nil) }
    errors += best.errors
    characters += best.characters
    rates.append(Self.rate(best.errors, best.characters))
  }

  public func scores() throws -> [MetricScore] {
    guard !rates.isEmpty else { throw MetricsError.noCaptions }
    return [MetricScore(name: "cer", value: Self.rate(errors, characters), perImage: rates)]
  }

  /// An empty reference has as many errors as it got characters.
  private static func rate(_ errors: Int, _ characters: Int) -> Double {
    Double(errors) / Double(max(1, characters))
  }

  private static func characters(of text: String) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    var spaces: [Unicode.Scalar] = []
    for scalar in text.unicodeScalars {
      if scalar.isSpace {
        spaces.append(scalar)
        continue
      }
      if !result.isEmpty, let space = spaces.first { result.append(spaces.count == 1 ? space : " ") }
      spaces = []
      result.append(scalar)
    }
    return result
  }
}
