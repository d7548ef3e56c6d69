package import Foundation
import VignetteFiles
package import VignetteImages
package import VignetteModels
package import VignetteTensors

/// What a frozen encoder's hidden states are kept as.
public enum FeatureType: String, Sendable, CaseIterable, Codable {
  /// What the run computes in, so that training gives the same losses as without a cache.
  case auto
  case float32
  case bfloat16

  package var dtype: DType? { DType(rawValue: rawValue) }
}

/// A frozen encoder's hidden states, computed once for each image and kept in a folder, for the next epochs and
/// the next runs: it stands in front of the encoder.
///
/// Each model has a folder of its own in it, named by a fingerprint of the encoder's configuration and weights, the
/// image processor and the type; in it, an image is recognised by its path, size and time of change. So what
/// is found always belongs to this model and this image. What the folder says of itself is compared with what the
/// encoder gives before anything in it is used.
package final class FeatureCache: ImageEncoder {
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

  /// - Parameter dtype: what hidden states are kept as.
  /// - Throws: what the file system says; ``EvaluationError/featureCache(path:problem:)`` for a folder that can't be
  ///   used.
  package init(at folder: URL, model: any CaptionModel, processor: ImageProcessor, dtype: DType) throws {
    self.model = model
    self.dtype = dtype
    self.folder = folder.appendingPathComponent(
      try Self.fingerprint(model, processor, dtype).description, isDirectory: true)
    let file = self.folder.appendingPathComponent(Self.fileName)
    guard FileSystem.exists(file) else { return }
    let stated = try Self.statedShape(file, dtype)
    let size = processor.outputSize.map { (height: $0.height, width: $0.width) } ?? model.imageSize
    let sample = [1, 3, size.height, size.width]
    try MemoryCheck.pass(sample, "the pixel values of an image", lowering: [])
    let given = try MemoryFault.thrown(by: "encoding an image for the feature cache") {
      try Array(encode(Tensor(zeros: sample)).shape.dropFirst())
    }
    guard stated == given else {
      throw EvaluationError.featureCache(
        path: file.path,
        problem: "states hidden states of shape \(stated), but this encoder gives \(given); remove its folder"
      )
    }
    try open(stated)
  }

  private static func statedShape(_ file: URL, _ dtype: DType) throws -> [Int] {
    let text = try TextFile.json(file)
    guard let known = try? JSONDecoder().decode(Description.self, from: text),
      known == Description(dtype: dtype, shape: known.shape)
    else {
      throw EvaluationError.featureCache(path: file.path, problem: "can't be understood; remove its folder")
    }
    return known.shape
  }

  package func known(among paths: [String]) -> Set<String> {
    Set(paths.filter { path in Self.fingerprint(ofFileAt: path).map(has) ?? false })
  }

  package func encode(_ images: BatchImages, on tape: Tape?) throws -> ImageFeatures {
    let hidden = try hiddenStates(of: images)
    return model.features(tape?.watch(hidden) ?? hidden)
  }

  /// The encoder's own output [I, S, C]: of the images that are new, computed and kept.
  private func hiddenStates(of images: BatchImages) throws -> Tensor {
    let keys = images.paths.map { Self.fingerprint(ofFileAt: $0) }
    let unknown = keys.indices.filter { i in !(keys[i].map(has) ?? false) }
    if !unknown.isEmpty {
      let fresh = try encode(images.pixelValues(unknown))
      try add(fresh, for: unknown.map { keys[$0] })
      // The first epoch takes what it has just computed.
      if unknown.count == keys.count { return fresh }
    }
    return try assemble(keys, images)
  }

  private func has(_ key: Fingerprint) -> Bool { store?.contains(key) ?? false }

  /// - Postcondition: the result's type is ``dtype``, whatever the encoder gives.
  private func encode(_ pixelValues: Tensor) throws -> Tensor {
    try MemoryFault.thrown(by: "encoding \(pixelValues.shape[0]) images", lowering: ["batch_size"]) {
      try model.hiddenStates(pixelValues, interpolatePositions: false).cast(to: dtype).contiguous()
    }
  }

  private func add(_ hidden: Tensor, for keys: [Fingerprint?]) throws {
    let given = Array(hidden.shape.dropFirst())
    if store == nil { try start(given) }
    guard given == shape else {
      throw EvaluationError.featureCache(
        path: folder.path, problem: "has hidden states of shape \(shape), not \(given)")
    }
    try hidden.withBytes { bytes in
      let size = bytes.count / keys.count
      for (row, key) in keys.enumerated() {
        guard let key, !has(key) else { continue }
        try store?.append(UnsafeRawBufferPointer(rebasing: bytes[row * size..<(row + 1) * size]), for: key)
      }
    }
  }

  /// All rows from the folder; one that was damaged is encoded again.
  private func assemble(_ keys: [Fingerprint?], _ images: BatchImages) throws -> Tensor {
    try Tensor(
      shape: [keys.count] + shape, dtype: dtype,
      fillBytes: { target in
        let size = target.count / keys.count
        for (index, key) in keys.enumerated() {
          let row = UnsafeMutableRawBufferPointer(rebasing: target[index * size..<(index + 1) * size])
          if let key, try store?.copy(key, into: row) ?? false { continue }
          let again = try encode(images.pixelValues([index]))
          // Checks the shape, too.
          try add(again, for: [key])
          again.withBytes { row.copyMemory(from: $0) }
        }
      })
  }

  private func start(_ shape: [Int]) throws {
    try FolderMaker.make(folder)
    let description = try JSONEncoder().encode(Description(dtype: dtype, shape: shape))
    try AtomicFile.write(Array(description), to: folder.appendingPathComponent(Self.fileName))
    try open(shape)
  }

  private func open(_ shape: [Int]) throws {
    self.shape = shape
    store = try FeatureStore(at: folder, rowByteCount: shape.reduce(1, *) * dtype.size)
  }

  private static func fingerprint(
    _ model: any CaptionModel, _ processor: ImageProcessor, _ dtype: DType
  ) throws -> Fingerprint {
    let texts = [
      try model.configuration.vision.value(default: JSONValue.object([:])).text(.oneLine),
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
    guard let status = FileSystem.status(of: url.path) else { return nil }
    return Fingerprint(Array("\(status.st_size) \(FileSystem.changed(status)) \(url.path)".utf8))
  }
}
