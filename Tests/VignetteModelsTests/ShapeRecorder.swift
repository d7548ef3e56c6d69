import VignetteModels

/// Notes which weights a model asks for, and has none.
final class ShapeRecorder: WeightSource {
  private(set) var shapes: [String: [Int]] = [:]

  func hasWeight(named name: String) -> Bool { false }

  func weight(named name: String, shape: [Int], initialization: Initialization) -> LoadedWeight? {
    shapes[name] = shape
    return nil
  }
}
