import Foundation
import VignetteCheckpoints
import VignetteFiles
import VignetteImages
import VignetteModels
import VignetteTensors

/// A frozen encoder's hidden states, computed once for each image and kept in a folder, for the next epochs and
/// the next runs.
///
/// Each model has a folder of its own in it, named by a fingerprint of the encoder's configuration and weights, the
/// image processor and the type; in it, an image is recognised by its path, size and time of change. So what
/// is found always belongs to this model and this image.
final class FeatureCache {
  private let folder: URL
  private let model: any CaptionModel
  private let dtype: DType
  /// Open from the first use on, when the size of a row is known.
  private var store: FeatureStore?
  /// [S, C] of an image.
  private var shape: [Int] = []

  private static let fileName = "features.json"

  /// What ``fileName`` says of a folder.
  private struct Description: Codable, Equatable {
    var formatVersion = 1
    let dtype: DType
    let shape: [Int]
  }

  /// - Throws: what the file system says; `TrainingError.featureCache` for a folder that can't be used.
  init(at folder: URL, model: any CaptionModel, processor: ImageProcessor, dtype: DType) throws {
    self.model = model
    self.dtype = dtype
    self.folder = folder.appendingPathComponent(
      try Self.fingerprint(model, processor, dtype).description, isDirectory: true)
    let file = self.folder.appendingPathComponent(Self.fileName)
    if FileManager.default.fileExists(atPath: file.path) {
      guard let known = try? JSONDecoder().decode(Description.self, from: Data(contentsOf: file)),
        known == Description(dtype: dtype, shape: known.shape), known.shape.count == 2,
        known.shape.allSatisfy({ (1...1 << 20).contains($0) })
      else {
        throw TrainingError.featureCache(path: file.path, problem: "can't be understood; remove its folder")
      }
      try open(known.shape)
    }
  }

  /// The cache that a run's arguments ask for; nil if they don't.
  convenience init?(
    model: any CaptionModel, processor: ImageProcessor, _ arguments: TrainingArguments
  ) throws {
    guard !arguments.featureCache.isEmpty else { return nil }
    try self.init(
      at: URL(fileURLWithPath: arguments.featureCache, isDirectory: true), model: model, processor: processor,
      dtype: arguments.featureCacheDtype.dtype ?? model.precision.dtype)
  }

  /// Those of these files whose hidden states are here.
  func encoded(of paths: [String]) -> Set<String> {
    Set(paths.filter { path in Self.fingerprint(ofFileAt: path).map(has) ?? false })
  }

  /// Hidden states [I, S, C] of images.
  ///
  /// - Parameter pixelValues: gives pixel values [n, 3, height, width] of those images, by their numbers,
  ///   that haven't been encoded yet.
  func hiddenStates(of paths: [String], pixelValues: ([Int]) throws -> Tensor) throws -> Tensor {
    let keys = paths.map { Self.fingerprint(ofFileAt: $0) }
    let unknown = keys.indices.filter { i in !(keys[i].map(has) ?? false) }
    if !unknown.isEmpty {
      let fresh = try encode(pixelValues(unknown))
      try add(fresh, for: unknown.map { keys[$0] })
      // The first epoch takes what it has just computed.
      if unknown.count == paths.count { return fresh }
    }
    return try assemble(keys, pixelValues)
  }

  private func has(_ key: Fingerprint) -> Bool { store?.contains(key) ?? false }

  /// - Postcondition: the result's type is ``dtype``, whatever the encoder gives.
  private func encode(_ pixelValues: Tensor) throws -> Tensor {
    try model.hiddenStates(pixelValues, interpolatePositions: false).cast(to: dtype).contiguous()
  }

  private func add(_ hidden: Tensor, for keys: [Fingerprint?]) throws {
    if store == nil { try start(Array(hidden.shape.dropFirst())) }
    guard Array(hidden.shape.dropFirst()) == shape else {
      throw TrainingError.featureCache(
        path: folder.path, problem: "has hidden states of shape \(shape), not \(hidden.shape.dropFirst())")
    }
    try hidden.withBytes { bytes in
      let size = bytes.count / keys.count
      for (number, key) in keys.enumerated() {
        guard let key, !has(key) else { continue }
        try store?.append(
          UnsafeRawBufferPointer(rebasing: bytes[number * size..<(number + 1) * size]), for: key)
      }
    }
  }

  /// All rows from the folder; one that was damaged is encoded again.
  private func assemble(_ keys: [Fingerprint?], _ pixelValues: ([Int]) throws -> Tensor) throws -> Tensor {
    try Tensor(
      shape: [keys.count] + shape, dtype: dtype,
      fillBytes: { target in
        let size = target.count / keys.count
        for (number, key) in keys.enumerated() {
          let row = UnsafeMutableRawBufferPointer(rebasing: target[number * size..<(number + 1) * size])
          if let key, try store?.copy(key, into: row) ?? false { continue }
          let again = try encode(pixelValues([number]))
          again.withBytes { row.copyMemory(from: $0) }
          try add(again, for: [key])
        }
      })
  }

  private func start(_ shape: [Int]) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let description = try JSONEncoder().encode(Description(dtype: dtype, shape: shape))
    try AtomicFile.write(Array(description), to: folder.appendingPathComponent(Self.fileName))
    try open(shape)
  }

  private func open(_ shape: [Int]) throws {
    self.shape = shape
    store = try FeatureStore(at: folder, rowByteCount: shape.reduce(1, *) * dtype.size)
  }
}

extension FeatureCache {
  private static func fingerprint(
    _ model: any CaptionModel, _ processor: ImageProcessor, _ dtype: DType
  ) throws -> Fingerprint {
    let texts = [
      try model.configuration.vision.value(as: JSONValue.self).text(.oneLine),
      String(decoding: processor.preprocessorConfiguration(), as: UTF8.self),
      dtype.rawValue, model.precision.rawValue,
    ]
    let weights = model.parameters.filter { $0.part == .vision }.flatMap { parameter in
      [Fingerprint(Array(parameter.name.utf8)), parameter.value.withBytes { Fingerprint($0) }]
    }
    return Fingerprint(texts.map { Fingerprint(Array($0.utf8)) } + weights)
  }

  /// Of an image's path, size and time of change; nil where there is no such file.
  private static func fingerprint(ofFileAt path: String) -> Fingerprint? {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: url.path),
      let size = attributes[.size] as? Int, let changed = attributes[.modificationDate] as? Date
    else { return nil }
    return Fingerprint(Array("\(size) \(changed.timeIntervalSince1970) \(url.path)".utf8))
  }
}
