import Foundation
import VignetteTensors
import Testing

/// What vision encoders do to tokens and positions: against the plainest code and finite differences.
@Suite struct VisionOperationTests {
  /// Six places for five tokens: one token is left out, two places are padded.
  static let map = TokenMap([3, -1, 0, 4, -1, 1], of: 5)

  @Test(arguments: DType.allCases)
  func tokensAreGathered(type: DType) {
    let x = randomTensor([2, 5, 3], seed: 1).cast(to: type)
    let gathered = gatherTokens(x, Self.map)
    #expect(gathered.shape == [2, 6, 3] && gathered.dtype == type)
    var expected: [Float] = []
    for batch in 0..<2 {
      for token in [3, -1, 0, 4, -1, 1] {
        let row = (batch * 5 + token) * 3
        expected += token < 0 ? [0, 0, 0] : Array(x.floats[row..<row + 3])
      }
    }
    #expect(gathered.floats == expected)
    let back = gatherTokens(gathered, Self.map.inverse).floats
    let kept = x.floats.enumerated().map { $0.offset / 3 % 5 == 2 ? 0 : $0.element }
    #expect(back == kept)
  }

  @Test func gradientsOfGatheredTokens() {
    checkGradients(inputs: [randomTensor([2, 5, 3], seed: 1)]) { x, _ in gatherTokens(x[0], Self.map) }
    checkGradients(inputs: [randomTensor([2, 6, 3], seed: 1)]) { x, _ in gatherTokens(x[0], Self.map.inverse)
    }
  }

  /// Several places to a row, as merging does, and windows to a batch, as attention needs them.
  @Test func gradientsThroughReshapedTokens() {
    let weight = randomParameter("weight", [4, 6], seed: 2)
    let gamma = randomParameter("gamma", [6], seed: 3)
    let beta = randomParameter("beta", [6], seed: 4)
    checkGradients(inputs: [randomTensor([2, 5, 3], seed: 1)], parameters: [weight, gamma, beta]) { x, _ in
      let merged = gatherTokens(x[0], Self.map).reshaped(2, 3, 6)
      return linear(layerNorm(merged, gamma, beta, epsilon: 1e-3), weight)
    }
    let inputs = [1, 5, 6].map { randomTensor([2, 5, 3], seed: $0) }
    checkGradients(inputs: inputs) { x, _ in
      let windows = x.map { gatherTokens($0, Self.map).reshaped(4, 3, 3) }
      let mixed = attention(windows[0], windows[1], windows[2], AttentionOptions(heads: 1, scale: 0.6))
      return gatherTokens(mixed.reshaped(2, 6, 3), Self.map.inverse)
    }
  }

  @Test func rowsAreMixed() {
    let rows: [[(row: Int, weight: Float)]] = [[(1, 0.25), (2, 0.75)], [], [(0, 1)], [(1, -2), (1, 0.5)]]
    let x = randomTensor([3, 4], seed: 1)
    var expected = [Float](repeating: 0, count: 16)
    for (target, terms) in rows.enumerated() {
      for (row, weight) in terms {
        for c in 0..<4 { expected[target * 4 + c] += weight * x.floats[row * 4 + c] }
      }
    }
    expectClose(mixRows(x, rows).floats, expected, 1e-6)
    checkGradients(inputs: [x]) { x, _ in mixRows(x[0], rows) }
  }

  @Test func relativePositionsAreLookedUp() {
    let table = randomTensor([5, 3], seed: 1)
    let index: [Int32] = [4, 0, 1, 1, 2, 0]
    let mask = Tensor([0, 0, -100, 0, 0, 0, -100, 0, 0, 0, 0, 0], shape: [2, 6])
    let bias = relativePositionBias(table, index: index, queries: 2, mask: mask)
    #expect(bias.shape == [2, 3, 2, 3])
    var expected: [Float] = []
    for group in 0..<2 {
      for head in 0..<3 {
        for pair in 0..<6 {
          expected.append(table.floats[Int(index[pair]) * 3 + head] + mask.floats[group * 6 + pair])
        }
      }
    }
    #expect(bias.floats == expected)
    #expect(relativePositionBias(table, index: index, queries: 2).shape == [1, 3, 2, 3])
  }

  @Test(arguments: [false, true])
  func relativePositionGradients(hasMask: Bool) {
    let index: [Int32] = [2, 0, 1, 4, 2, 0, 3, 1, 2]
    let mask = hasMask ? randomTensor([2, 9], seed: 4) : nil
    let table = randomParameter("table", [5, 2], seed: 5)
    let inputs = [1, 2, 3].map { randomTensor([4, 3, 4], seed: $0) }
    checkGradients(inputs: inputs, parameters: [table]) { x, tape in
      let bias = relativePositionBias(table.tensor(on: tape), index: index, queries: 3, mask: mask)
      return attention(x[0], x[1], x[2], AttentionOptions(heads: 2, scale: 0.7, bias: bias))
    }
  }

  @Test func channelsAreScaled() {
    let scale = randomParameter("lambda", [3], seed: 1)
    let x = randomTensor([2, 4, 3], seed: 2)
    let expected = x.floats.enumerated().map { $0.element * scale.value.floats[$0.offset % 3] }
    #expect(layerScale(x, scale).floats == expected)
    checkGradients(inputs: [x], parameters: [scale]) { x, _ in layerScale(x[0], scale) }
  }

  @Test func tokensAreInserted() {
    let registers = randomParameter("registers", [1, 2, 4], seed: 1)
    let other = randomParameter("other", [4], seed: 2)
    let x = randomTensor([2, 3, 4], seed: 3)
    let inserted = insert([registers, other], into: x, at: 1)
    #expect(inserted.shape == [2, 6, 4])
    let rows = stride(from: 0, to: 24, by: 4).map { Array(x.floats[$0..<$0 + 4]) }
    let new = registers.value.floats + other.value.floats
    #expect(inserted.floats == rows[0] + new + rows[1] + rows[2] + rows[3] + new + rows[4] + rows[5])
    checkGradients(inputs: [x], parameters: [registers, other]) { x, _ in
      insert([registers, other], into: x[0], at: 1)
    }
    let none = Parameter(name: "none", value: Tensor(zeros: [1, 0, 4]))
    #expect(insert([none], into: x, at: 1).floats == x.floats)
  }

  /// Tokens before those that are turned are left alone.
  @Test(arguments: DType.allCases)
  func headsAreTurned(type: DType) {
    let angles = randomTensor([2, 2], seed: 1)
    let rotation = Rotation(
      cosines: Tensor(angles.floats.map { cos($0) }, shape: [2, 2]),
      sines: Tensor(angles.floats.map { sin($0) }, shape: [2, 2]))
    let x = randomTensor([2, 3, 8], seed: 2).cast(to: type)
    var expected = x.floats
    for batch in 0..<2 {
      for patch in 0..<2 {
        for head in 0..<2 {
          for i in 0..<2 {
            let (first, angle) = ((batch * 3 + patch + 1) * 8 + head * 4 + i, angles.floats[patch * 2 + i])
            let (a, b) = (x.floats[first], x.floats[first + 2])
            expected[first] = a * cos(angle) - b * sin(angle)
            expected[first + 2] = b * cos(angle) + a * sin(angle)
          }
        }
      }
    }
    expectClose(rotate(x, rotation, heads: 2).floats, expected, type == .float32 ? 1e-6 : 1e-2)
    guard type == .float32 else { return }
    checkGradients(inputs: [x]) { x, _ in rotate(x[0], rotation, heads: 2) }
  }

  @Test(arguments: DType.allCases)
  func headsAreBroughtToLength(type: DType) {
    let scales = Tensor([2, 0.5], shape: [2])
    let x = randomTensor([3, 6], seed: 1).cast(to: type)
    var expected: [Float] = []
    for head in 0..<6 {
      let values = x.floats[head * 3..<head * 3 + 3]
      let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      expected += values.map { $0 / length * [2, 0.5][head % 2] }
    }
    expectClose(unitHeads(x, heads: 2, scales: scales).floats, expected, type == .float32 ? 1e-6 : 1e-2)
    // What is zero has no direction.
    #expect(
      unitHeads(Tensor(zeros: [1, 6], dtype: type), heads: 2).floats == [Float](repeating: 0, count: 6))
    guard type == .float32 else { return }
    let logarithms = randomParameter("logit_scale", [2, 1, 1], seed: 3)
    logarithms.update { $0[1] = 3 }
    checkGradients(inputs: [x], parameters: [logarithms]) { x, tape in
      unitHeads(x[0], heads: 2, scales: exponential(logarithms, upTo: 2, on: tape))
    }
    #expect(logarithms.gradient?.floats[1] == 0)
    expectClose(
      exponential(logarithms, upTo: 2, on: nil).floats, [exp(logarithms.value.floats[0]), exp(2)], 1e-6)
    checkGradients(inputs: [x]) { x, _ in unitHeads(x[0], heads: 3) }
  }

  @Test(arguments: DType.allCases)
  func productsElementByElement(type: DType) {
    let (a, b) = (
      randomTensor([3, 4], seed: 1).cast(to: type), randomTensor([3, 4], seed: 2).cast(to: type)
    )
    expectClose(
      (a * b).floats, zip(a.floats, b.floats).map { $0 * $1 }, type == .float32 ? 1e-6 : 1e-2)
    guard type == .float32 else { return }
    checkGradients(inputs: [a, b]) { x, _ in x[0] * x[1] }
    checkGradients(inputs: [a]) { x, _ in scaled(x[0] * x[0], by: -3) }
    // The halves of one product, as a gated layer has them.
    let weight = randomParameter("weights_in", [8, 4], seed: 3)
    checkGradients(inputs: [a], parameters: [weight]) { x, _ in
      let parts = linear(x[0], weight).split(2)
      return activate(parts[0], .silu) * parts[1]
    }
  }

  @Test func tensorsAreAddedToEachEntry() {
    let positions = randomParameter("positions", [1, 3, 4], seed: 1)
    checkGradients(inputs: [randomTensor([2, 2, 4], seed: 2)], parameters: [positions]) { x, tape in
      let rows = mixRows(positions.tensor(on: tape).reshaped(3, 4), [[(0, 0.5), (2, 0.5)], [(1, 1)]])
      return add(x[0], toEachEntry: rows)
    }
  }

  @Test func pathsAreDroppedWhole() {
    let tape = Tape(dropoutSeed: 3)
    let x = tape.watch(Tensor([Float](repeating: 1, count: 4000), shape: [2000, 1, 2]), needsGradient: true)
    let y = dropPath(x, probability: 0.2)
    tape.backward(from: y)
    #expect(tape.gradient(of: x)?.floats == y.floats)
    let entries = stride(from: 0, to: 4000, by: 2).map { (y.floats[$0], y.floats[$0 + 1]) }
    #expect(entries.allSatisfy { $0 == (0, 0) || $0 == (1.25, 1.25) })
    let share = Double(entries.count { $0.0 == 0 }) / 2000
    #expect(abs(share - 0.2) < 0.03, "dropped \(share)")
    #expect(dropPath(x.detached, probability: 0.2).floats == x.floats)
  }

  @Test func edgesArePaddedToWholePatches() {
    let image = Tensor((1...15).map(Float.init), shape: [1, 1, 3, 5])
    let rows = patches(image, height: 2, width: 3, padded: true)
    #expect(rows.shape == [1, 4, 6])
    #expect(
      rows.floats == [1, 2, 3, 6, 7, 8, 4, 5, 0, 9, 10, 0, 11, 12, 13, 0, 0, 0, 14, 15, 0, 0, 0, 0])
    #expect(patches(image, height: 2, width: 3).floats == [1, 2, 3, 6, 7, 8])
  }
}
