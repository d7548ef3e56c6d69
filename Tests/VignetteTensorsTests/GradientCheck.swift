import VignetteTensors
import Testing

/// Numbers of a fixed sequence, roughly normal, for tests.
func randomTensor(_ shape: [Int], seed: UInt64, scale: Double = 1) -> Tensor {
  var generator = RandomGenerator(seed: seed)
  return Tensor((0..<shape.reduce(1, *)).map { _ in Float(scale * generator.normal()) }, shape: shape)
}

func randomParameter(_ name: String, _ shape: [Int], seed: UInt64) -> Parameter {
  let parameter = Parameter(name: name, value: randomTensor(shape, seed: seed, scale: 0.5))
  parameter.setTrainable(true)
  return parameter
}

/// Compares a recorded operation's gradients with central differences of Σ g · output for a random g.
func checkGradients(
  inputs: [Tensor], parameters: [Parameter] = [], tolerance: Float = 2e-2,
  sourceLocation: SourceLocation = #_sourceLocation, _ operation: ([Tensor], Tape?) -> Tensor
) {
  let tape = Tape()
  let watched = inputs.map { tape.watch($0, needsGradient: true) }
  let output = operation(watched, tape)
  let weights = randomTensor(output.shape, seed: 99)
  func objective(_ inputs: [Tensor]) -> Double {
    zip(operation(inputs, nil).floats, weights.floats).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
  tape.backward(from: output, gradient: weights.cast(to: output.dtype))

  let step: Float = 1e-2
  func check(_ analytic: [Float], _ label: String, _ perturbed: (Int, Float) -> Double) {
    let largest = max(1e-3, analytic.map(abs).max() ?? 0)
    for i in stride(from: 0, to: analytic.count, by: max(1, analytic.count / 40)) {
      let numeric = Float((perturbed(i, step) - perturbed(i, -step)) / Double(2 * step))
      #expect(
        abs(numeric - analytic[i]) <= tolerance * largest,
        "\(label)[\(i)]: \(analytic[i]), numerically \(numeric)",
        sourceLocation: sourceLocation)
    }
  }
  for (n, input) in inputs.enumerated() {
    let analytic = tape.gradient(of: watched[n])?.floats ?? []
    #expect(analytic.count == input.count, "input \(n) has no gradient", sourceLocation: sourceLocation)
    check(analytic, "input \(n)") { i, change in
      var values = input.floats
      values[i] += change
      var changed = inputs
      changed[n] = Tensor(values, shape: input.shape)
      return objective(changed)
    }
  }
  for parameter in parameters {
    let analytic = parameter.gradient?.floats ?? []
    #expect(
      analytic.count == parameter.count, "\(parameter.name) has no gradient", sourceLocation: sourceLocation)
    check(analytic, parameter.name) { i, change in
      parameter.update { $0[i] += change }
      defer { parameter.update { $0[i] -= change } }
      return objective(inputs)
    }
  }
}

func expectClose(
  _ a: [Float], _ b: [Float], _ tolerance: Float = 1e-5, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(a.count == b.count, sourceLocation: sourceLocation)
  let largest = max(1e-6, b.map(abs).max() ?? 0)
  let difference = zip(a, b).map { abs($0 - $1) }.max() ?? 0
  #expect(
    difference <= tolerance * largest, "differs by \(difference) of \(largest)",
    sourceLocation: sourceLocation)
}
