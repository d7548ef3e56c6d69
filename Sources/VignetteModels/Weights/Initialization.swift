import Foundation
import VignetteTensors

/// How a weight that no checkpoint holds begins, as Hugging Face's `_init_weights` does it.
package enum Initialization: Sendable {
  case zeros
  case ones
  case constant(Double)
  /// Normal with this standard deviation.
  case normal(Double)
  /// Rows of an embedding, normal with this standard deviation; that of padding is zero.
  case embedding(Double, padding: Int?)
  /// Sines and cosines of a row's number (Vaswani et al., 2017), alternating.
  case sinusoidal
  /// Zeros for a class token, then for each cell of a grid sines and cosines of its column, and those of its row (He et
  /// al., 2021).
  case sinusoidalGrid(Grid)

  /// A fresh value of the given shape.
  func makeTensor(_ shape: [Int], using generator: inout RandomGenerator) -> Tensor {
    Tensor(shape: shape) { fill($0, shape, using: &generator) }
  }

  private func fill(
    _ values: UnsafeMutableBufferPointer<Float>, _ shape: [Int], using generator: inout RandomGenerator
  ) {
    switch self {
    case .zeros: values.initialize(repeating: 0)
    case .ones: values.initialize(repeating: 1)
    case .constant(let value): values.initialize(repeating: Float(value))
    case .normal(let deviation):
      for i in values.indices { values[i] = Float(deviation * generator.normal()) }
    case .embedding(let deviation, let padding):
      for i in values.indices { values[i] = Float(deviation * generator.normal()) }
      if let padding, let width = shape.last, (padding + 1) * width <= values.count {
        for i in padding * width..<(padding + 1) * width { values[i] = 0 }
      }
    case .sinusoidal:
      let width = shape.last ?? 1
      for i in values.indices {
        let (row, column) = (i / width, i % width)
        let angle = Double(row) / pow(10000, Double(column / 2 * 2) / Double(width))
        values[i] = Float(column.isMultiple(of: 2) ? sin(angle) : cos(angle))
      }
    case .sinusoidalGrid(let grid):
      let width = shape.last ?? 1
      let quarter = max(1, width / 4)
      for i in values.indices {
        let (cell, column) = (i / width - 1, i % width)
        let place = column < 2 * quarter ? cell % grid.columns : cell / grid.columns
        let angle = Double(place) / pow(10000, Double(column % quarter) / Double(quarter))
        values[i] = cell < 0 ? 0 : Float((column / quarter).isMultiple(of: 2) ? sin(angle) : cos(angle))
      }
    }
  }
}
