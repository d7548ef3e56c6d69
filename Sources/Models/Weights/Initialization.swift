import Foundation
import Tensors

/// How a weight that no checkpoint holds begins, as Hugging Face's `_init_weights` does it.
public enum Initialization: Sendable {
  case zeros
  case ones
  case constant(Double)
  /// Normal with this standard deviation.
  case normal(Double)
  /// Normal with this standard deviation, cut off at two of them.
  case truncatedNormal(Double)

  /// A fresh value of the given shape.
  func makeTensor(_ shape: [Int], using generator: inout RandomGenerator) -> Tensor {
    var values = [Float](repeating: 0, count: shape.reduce(1, *))
    switch self {
    case .zeros: break
    case .ones: values = values.map { _ in 1 }
    case .constant(let value): values = values.map { _ in Float(value) }
    case .normal(let deviation):
      for i in values.indices { values[i] = Float(deviation * generator.normal()) }
    case .truncatedNormal(let deviation):
      for i in values.indices {
        var draw = generator.normal()
        while abs(draw) > 2 { draw = generator.normal() }
        values[i] = Float(deviation * draw)
      }
    }
    return Tensor(values, shape: shape)
  }
}
