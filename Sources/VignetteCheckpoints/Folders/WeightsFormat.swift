import Foundation
import VignetteFiles

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
  package func owns(_ name: String) -> Bool {
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

/// Which files of a checkpoint folder hold its weights.
struct WeightsLocation {
  struct Shard {
    let url: URL
    /// The tensors that the index says are here; nil for a file without an index.
    var names: [String]?
  }

  let format: WeightsFormat
  let shards: [Shard]
  /// Where the index is, or would be.
  let index: URL

  static func find(in folder: URL, formats: [WeightsFormat]) throws -> WeightsLocation {
    guard let found = try? FileName.list(folder.path) else {
      throw CheckpointError.noFolder(path: folder.path)
    }
    for format in formats {
      let index = folder.appendingPathComponent(format.indexName)
      if found.contains(format.fileName) {
        let shard = Shard(url: folder.appendingPathComponent(format.fileName), names: nil)
        return WeightsLocation(format: format, shards: [shard], index: index)
      }
      if found.contains(format.indexName) {
        return WeightsLocation(
          format: format, shards: try shards(of: index, present: Set(found)), index: index)
      }
    }
    let originals = found.filter(isOriginal)
    if formats.contains(.pytorch), let only = originals.first, originals.count == 1 {
      let url = folder.appendingPathComponent(only)
      return WeightsLocation(format: .pytorch, shards: [Shard(url: url, names: nil)], index: url)
    }
    throw CheckpointError.noWeights(
      path: folder.path, lookedFor: formats.flatMap { [$0.fileName, $0.indexName] }, found: found.sorted())
  }

  /// Whether a file is one that the program of a model's authors wrote, of whatever name.
  static func isOriginal(_ name: String) -> Bool { name.hasSuffix(".pth") }

  private static func shards(of index: URL, present: Set<String>) throws -> [Shard] {
    var names: [String: [String]] = [:]
    for (tensor, field) in try JSONField(contentsOf: index)["weight_map"].members() {
      names[try field.value(), default: []].append(tensor)
    }
    let folder = index.deletingLastPathComponent()
    return try names.sorted { $0.key < $1.key }.map { shard, tensors in
      guard !["", ".", ".."].contains(shard), FileName.parts(shard, separators: ["/", "\\"]).count == 1 else {
        throw CheckpointError.shardOutsideFolder(index: index.path, shard: shard)
      }
      guard present.contains(shard) else {
        throw CheckpointError.missingShard(index: index.path, shard: shard)
      }
      return Shard(url: folder.appendingPathComponent(shard), names: tensors)
    }
  }
}

/// What Git leaves instead of a large file whose contents weren't fetched.
enum GitLFSPointer {
  /// Throws if `file` is such a pointer.
  static func refuse(_ file: MappedFile) throws {
    guard file.count < 1024, file.bytes.starts(with: "version https://git-lfs".utf8) else { return }
    throw FileError(
      file.path, "is a Git LFS pointer and not the weights themselves; fetch them with `git lfs pull`")
  }
}
