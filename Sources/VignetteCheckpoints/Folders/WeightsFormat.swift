/// The formats of weights in a checkpoint folder, and Hugging Face's names for their files.
public enum WeightsFormat: String, Sendable, CaseIterable {
  case safetensors
  case pytorch

  /// The file that holds all weights.
  public var fileName: String { "\(stem).\(suffix)" }
  /// The file that says which shard holds which weight.
  public var indexName: String { "\(fileName).index.json" }

  /// The name of shard `number`, counted from one, of `count`.
  func shardName(_ number: Int, of count: Int) -> String {
    "\(stem)-\(Self.fiveDigits(number))-of-\(Self.fiveDigits(count)).\(suffix)"
  }

  /// Whether `name` is one of this format's files, of whatever number of shards.
  func owns(_ name: String) -> Bool {
    if name == fileName || name == indexName { return true }
    let middle = name.dropFirst(stem.count + 1).dropLast(suffix.count + 1)
    let numbers = middle.split(separator: "-", omittingEmptySubsequences: false)
    guard numbers.count == 3, numbers[1] == "of", let number = Int(numbers[0]), let count = Int(numbers[2])
    else { return false }
    return name == shardName(number, of: count)
  }

  private var stem: String {
    switch self {
    case .safetensors: "model"
    case .pytorch: "pytorch_model"
    }
  }

  private var suffix: String {
    switch self {
    case .safetensors: "safetensors"
    case .pytorch: "bin"
    }
  }

  private static func fiveDigits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}
