import CVignetteKernels
import Testing

@testable import VignetteTensors

/// Products of 8-bit integers.
@Suite struct QuantizationTests {
  /// What integers of rows stand for is within half a step of what they were made from.
  @Test(arguments: [DType.float32, .bfloat16])
  func rowsAreRoundedToTheNearest(type: DType) {
    let (rows, columns, pitch) = (5, 37, 50)
    let x = randomTensor([rows, pitch], seed: 1, scale: 3).cast(to: type)
    let values = x.cast(to: .float32).floats
    var integers = [Int8](repeating: 99, count: rows * columns)
    var scales = [Float](repeating: 0, count: rows)
    kernels_quantize_rows(
      type.kernels, Int64(columns), Int64(pitch), 0, Int64(rows), x.pointer, &integers, &scales)
    for row in 0..<rows {
      let own = values[row * pitch..<row * pitch + columns]
      let most = own.map(abs).max() ?? 0
      #expect(abs(scales[row] * 127 - most) <= 1e-6 * most)
      for (value, integer) in zip(own, integers[row * columns..<(row + 1) * columns]) {
        #expect(abs(value - scales[row] * Float(integer)) <= 0.5001 * scales[row])
      }
    }
  }

  @Test func columnsAreRowsOfTheTransposedMatrix() {
    let (rows, columns) = (70, 45)
    let x = randomTensor([rows, columns], seed: 1)
    var byColumn = [Int8](repeating: 0, count: rows * columns)
    var byRow = byColumn
    var (columnScales, rowScales) = (
      [Float](repeating: 0, count: columns), [Float](repeating: 0, count: columns)
    )
    kernels_quantize_columns(
      Int64(rows), Int64(columns), 0, Int64(columns), x.float32, &byColumn, &columnScales)
    kernels_quantize_rows(
      KERNELS_F32, Int64(rows), Int64(rows), 0, Int64(columns), x.transposed.contiguous().pointer, &byRow,
      &rowScales)
    #expect(columnScales == rowScales)
    for row in 0..<rows {
      for column in 0..<columns { #expect(byColumn[row * columns + column] == byRow[column * rows + row]) }
    }
  }

  /// A fault in one row stays there.
  @Test(.enabled(if: Precision.supportsInt8), arguments: [Float.nan, .infinity])
  func whatIsNoNumberStaysNone(fault: Float) {
    var values = randomTensor([3, 40], seed: 1).floats
    values[47] = fault
    let weight = Parameter(name: "w", value: randomTensor([48, 40], seed: 2))
    weight.precision = .int8
    let y = linear(Tensor(values, shape: [3, 40]), weight, output: .float32).floats
    #expect(y[..<48].allSatisfy { $0.isFinite } && y[48..<96].allSatisfy { $0.isNaN })
    #expect(y[96...].allSatisfy { $0.isFinite })
  }

  /// Numbers that integers stand for exactly are multiplied exactly, with all that a layer adds.
  @Test(
    .enabled(if: Precision.supportsInt8), arguments: [1, 4, 70], [WeightLayout.outputByInput, .inputByOutput])
  func integersAreMultipliedExactly(rows: Int, layout: WeightLayout) {
    let (inputs, outputs) = (48, 33)
    func integers(_ shape: [Int], _ seed: UInt64) -> Tensor {
      var generator = RandomGenerator(seed: seed)
      let width = shape[1]
      return Tensor(
        (0..<shape[0] * width).map { index in
          // The largest of each row and column is 127.
          index % width == index / width % width ? 127 : Float(Int(generator.normal() * 40) % 127)
        }, shape: shape)
    }
    let x = integers([rows, inputs], 1)
    // 48 by 48, of which the first 33 columns have a 127 each.
    let square = integers([inputs, inputs], 2)
    let matrix = square.slice(0..<outputs, axis: 1).contiguous()
    let weight = Parameter(
      name: "w", value: layout == .inputByOutput ? matrix : matrix.transposed.contiguous())
    let bias = Parameter(name: "b", value: randomTensor([outputs], seed: 3))
    let residual = randomTensor([rows, outputs], seed: 4)
    func result(_ precision: Precision) -> [Float] {
      weight.precision = precision
      return linear(x, weight, bias, layout: layout, activation: .relu, adding: residual).floats
    }
    expectClose(result(.int8), result(.float32), 1e-6)
  }

  @Test func trainingAndHeadsKeepTheirNumbers() {
    let x = randomTensor([4, 64], seed: 1)
    let weight = Parameter(name: "w", value: randomTensor([64, 64], seed: 2))
    func result(_ precision: Precision, quantizes: Bool) -> [Float] {
      weight.precision = precision
      return linear(x, weight, output: .float32, quantizes: quantizes).floats
    }
    let half = Precision.int8.dtype == .bfloat16 ? Precision.bfloat16 : .float32
    #expect(result(.int8, quantizes: false) == result(half, quantizes: true))
    weight.setTrainable(true)
    #expect(result(.int8, quantizes: true) == result(half, quantizes: true))
  }
}
