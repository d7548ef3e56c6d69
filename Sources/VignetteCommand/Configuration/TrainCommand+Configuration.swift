/// How Hugging Face's users write options that are spelled otherwise here.
extension TrainCommand {
  static var formerNames: [String: String] { ["evaluation-strategy": "eval-strategy"] }

  static var booleanMeanings: [String: BooleanMeaning] {
    ["resume-from-checkpoint": BooleanMeaning(yes: "latest", no: nil)]
  }
}
