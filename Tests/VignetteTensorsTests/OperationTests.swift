import Foundation
import VignetteTensors
import Testing

/// Operations against the plainest code that does the same.
@Suite struct OperationTests {
  static func naiveMatmul(_ a: [Float], _ b: [Float], _ m: Int, _ k: Int, _ n: Int) -> [Float] {
    var result = [Float](repeating: 0, count: m * n)
    for i in 0..<m {
      for j in 0..<n {
        result[i * n + j] = Float((0..<k).reduce(0.0) { $0 + Double(a[i * k + $1]) * Double(b[$1 * n + j]) })
      }
    }
    return result
  }

  static func naiveAttention(
    _ q: [Float], _ k: [Float], _ v: [Float], tokens: Int, keys: Int, size: Int, scale: Float, causal: Bool
  ) -> [Float] {
    var result = [Float](repeating: 0, count: tokens * size)
    for t in 0..<tokens {
      let visible = causal ? t + 1 + keys - tokens : keys
      let scores = (0..<visible).map { s in
        (0..<size).reduce(0.0) { $0 + Double(q[t * size + $1]) * Double(k[s * size + $1]) } * Double(scale)
      }
      let top = scores.max() ?? 0
      let weights = scores.map { exp($0 - top) }
      let total = weights.reduce(0, +)
      for s in 0..<visible {
        for d in 0..<size { result[t * size + d] += Float(weights[s] / total) * v[s * size + d] }
      }
    }
    return result
  }

  /// Few rows take the packed path, many the plain one.
  @Test(arguments: [1, 3, 64, 65, 200], Precision.allCases)
  func linearEqualsNaiveProduct(rows: Int, precision: Precision) {
    guard precision == .float32 || Precision.supportsBFloat16 else { return }
    let x = randomTensor([rows, 33], seed: 1)
    let weight = Parameter(name: "w", value: randomTensor([33, 47], seed: 2))
    weight.precision = precision
    let residual = randomTensor([rows, 47], seed: 3)
    let y = linear(x, weight, layout: .inputByOutput, adding: residual)
    let expected = zip(Self.naiveMatmul(x.floats, weight.value.floats, rows, 33, 47), residual.floats).map(+)
    #expect(y.dtype == .float32)
    expectClose(y.floats, expected, precision == .float32 ? 1e-5 : 2e-2)
    #expect(linear(x, weight, layout: .inputByOutput).dtype == precision.dtype)
  }

  @Test func bothLayoutsGiveTheSame() {
    let x = randomTensor([5, 8], seed: 1)
    let stored = randomTensor([8, 6], seed: 2)
    let turned = Tensor(
      (0..<48).map { stored.floats[$0 % 8 * 6 + $0 / 8] }, shape: [6, 8])
    let a = linear(x, Parameter(name: "a", value: stored), layout: .inputByOutput)
    let b = linear(x, Parameter(name: "b", value: turned), layout: .outputByInput)
    expectClose(a.floats, b.floats, 1e-6)
  }

  @Test(arguments: [false, true])
  func attentionEqualsNaive(causal: Bool) {
    let (tokens, keys, heads, size) = (7, causal ? 7 : 40, 1, 16)
    let q = randomTensor([1, tokens, size], seed: 1)
    let k = randomTensor([1, keys, size], seed: 2)
    let v = randomTensor([1, keys, size], seed: 3)
    let y = attention(q, k, v, AttentionOptions(heads: heads, scale: 0.3, isCausal: causal))
    expectClose(
      y.floats,
      Self.naiveAttention(
        q.floats, k.floats, v.floats, tokens: tokens, keys: keys, size: size, scale: 0.3, causal: causal))
  }

  /// The last token over a cache, whose rows are shuffled, equals whole causal attention's last row.
  @Test func cachedAttentionEqualsWhole() {
    let (length, width) = (9, 24)
    let q = randomTensor([1, length, width], seed: 1)
    let k = randomTensor([1, length, width], seed: 2)
    let v = randomTensor([1, length, width], seed: 3)
    let whole = attention(q, k, v, AttentionOptions(heads: 3, scale: 0.4, isCausal: true)).floats
    // Position s of the only query stands at cache row rows[s].
    let rows: [Int32] = [2, 0, 1, 2, 2, 0, 1, 1, 0]
    var keys = [Float](repeating: .nan, count: 3 * length * width)
    var values = keys
    for s in 0..<length {
      for c in 0..<width {
        keys[(Int(rows[s]) * length + s) * width + c] = k.floats[s * width + c]
        values[(Int(rows[s]) * length + s) * width + c] = v.floats[s * width + c]
      }
    }
    let last = cachedAttention(
      Tensor(Array(q.floats.suffix(width)), shape: [1, width]),
      keys: Tensor(keys, shape: [3, length, width]),
      values: Tensor(values, shape: [3, length, width]), positions: length,
      rows: CacheRows(rows, positions: length), heads: 3, scale: 0.4)
    expectClose(last.floats, Array(whole.suffix(width)))
  }

  /// Beams that attend to their image get what each gets alone, of whichever image.
  @Test func beamsAttendTogetherAsAlone() {
    let (positions, width) = (13, 24)
    let images: [Int32] = [1, 1, 1, 0, 2, 2] + [Int32](repeating: 1, count: 11)
    let q = randomTensor([images.count, width], seed: 1)
    let k = randomTensor([3, positions, width], seed: 2)
    let v = randomTensor([3, positions, width], seed: 3)
    let together = cachedAttention(
      q, keys: k, values: v, positions: positions, rows: CacheRows(images), heads: 3, scale: 0.4)
    for (row, image) in images.enumerated() {
      let values = row * width..<(row + 1) * width
      let alone = cachedAttention(
        Tensor(Array(q.floats[values]), shape: [1, width]), keys: k, values: v, positions: positions,
        rows: CacheRows([image]), heads: 3, scale: 0.4)
      #expect(Array(together.floats[values]) == alone.floats)
    }
  }

  /// The same where each head's keys and values stand apart.
  @Test(arguments: [DType.float32, .bfloat16])
  func cachedAttentionByHeadsEqualsWhole(type: DType) {
    let (entries, length, heads, size) = (3, 70, 5, 64)
    let keys = randomTensor([entries, length, heads * size], seed: 1).cast(to: type)
    let values = randomTensor([entries, length, 2 * heads * size], seed: 2).cast(to: type)
      .slice(heads * size..<2 * heads * size, axis: 2)
    let query = randomTensor([4, heads * size], seed: 3).cast(to: type)
    func attended(_ keys: Tensor, _ values: Tensor) -> [Float] {
      cachedAttention(
        query, keys: keys, values: values, positions: length, rows: CacheRows([2, 0, 1, 2]), heads: heads,
        scale: 0.1
      ).cast(to: .float32).floats
    }
    let apart = (headsApart(keys, heads: heads), headsApart(values, heads: heads))
    #expect(apart.0.shape == [entries, heads, length, size] && apart.0.isContiguous)
    #expect(attended(apart.0, apart.1) == attended(keys, values.contiguous()))
  }

  /// The same where each row of the cache is one position's.
  @Test func cachedAttentionOverSlotsEqualsWhole() {
    let (length, width) = (6, 8)
    let q = randomTensor([1, length, width], seed: 1)
    let k = randomTensor([1, length, width], seed: 2)
    let v = randomTensor([1, length, width], seed: 3)
    let whole = attention(q, k, v, AttentionOptions(heads: 2, scale: 0.4, isCausal: true)).floats
    // Position s stands in slot slots[s]; the third query sees three.
    let slots: [Int32] = [7, 2, 0, 5, 3, 6]
    var keys = [Float](repeating: .nan, count: 8 * width)
    var values = keys
    for s in 0..<length {
      for c in 0..<width {
        keys[Int(slots[s]) * width + c] = k.floats[s * width + c]
        values[Int(slots[s]) * width + c] = v.floats[s * width + c]
      }
    }
    let found = cachedAttention(
      Tensor(Array(q.floats[2 * width..<3 * width] + q.floats.suffix(width)), shape: [2, width]),
      keys: Tensor(keys, shape: [8, width]), values: Tensor(values, shape: [8, width]), positions: length,
      rows: CacheRows(slots + slots, positions: length, ranges: [0..<3, 0..<length]), heads: 2, scale: 0.4)
    expectClose(found.floats, Array(whole[2 * width..<3 * width] + whole.suffix(width)))
  }

  /// Many keys are attended to a few heads at a time, which gives what each head gives alone.
  @Test func attentionToManyKeysEqualsEachHeads() {
    let (tokens, keys, heads, size) = (150, 400, 11, 8)
    let width = heads * size
    let q = randomTensor([2, tokens, width], seed: 1)
    let k = randomTensor([2, keys, width], seed: 2)
    let v = randomTensor([2, keys, width], seed: 3)
    let bias = randomTensor([1, heads, tokens, keys], seed: 4)
    let whole = attention(q, k, v, AttentionOptions(heads: heads, scale: 0.4, bias: bias))
    for head in 0..<heads {
      let columns = head * size..<(head + 1) * size
      let alone = attention(
        q.slice(columns, axis: 2).contiguous(), k.slice(columns, axis: 2).contiguous(),
        v.slice(columns, axis: 2).contiguous(),
        AttentionOptions(heads: 1, scale: 0.4, bias: bias.slice(head..<head + 1, axis: 1).contiguous()))
      expectClose(whole.slice(columns, axis: 2).contiguous().floats, alone.floats)
    }
  }

  @Test func softmaxSurvivesLargeScores() {
    let q = Tensor([1000, -1000], shape: [1, 2, 1])
    let k = Tensor([1, -1], shape: [1, 2, 1])
    let v = Tensor([3, 5], shape: [1, 2, 1])
    let y = attention(q, k, v, AttentionOptions(heads: 1, scale: 1))
    expectClose(y.floats, [3, 5])
  }

  @Test func layerNormEqualsDefinition() {
    let x = randomTensor([3, 50], seed: 1, scale: 4)
    let gamma = Parameter(name: "g", value: randomTensor([50], seed: 2))
    let beta = Parameter(name: "b", value: randomTensor([50], seed: 3))
    var expected: [Float] = []
    for row in 0..<3 {
      let values = x.floats[row * 50..<row * 50 + 50].map(Double.init)
      let mean = values.reduce(0, +) / 50
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 50
      for (i, value) in values.enumerated() {
        let normal = Float((value - mean) / (variance + 1e-6).squareRoot())
        expected.append(normal * gamma.value.floats[i] + beta.value.floats[i])
      }
    }
    expectClose(layerNorm(x, gamma, beta, epsilon: 1e-6).floats, expected)
  }

  @Test func crossEntropyCountsOnlyLabels() {
    let logits = randomTensor([3, 5], seed: 1)
    let expected = [0, 2].map { row -> Double in
      let values = logits.floats[row * 5..<row * 5 + 5].map(Double.init)
      return log(values.reduce(0) { $0 + exp($1) }) - values[row + 1]
    }
    let loss = crossEntropy(logits, labels: [1, ignoredLabel, 3])
    expectClose([loss.scalar], [Float((expected[0] + expected[1]) / 2)])
    #expect(crossEntropy(logits, labels: [-100, -100, -100]).scalar == 0)
  }

  @Test func activationsEqualTheirDefinitions() {
    let x: [Float] = [-6, -1.5, -0.1, 0, 0.3, 1, 4]
    let definitions: [(Activation, (Double) -> Double)] = [
      (.gelu, { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }),
      (.geluTanh, { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }),
      (.relu, { max(0, $0) }), (.silu, { $0 / (1 + exp(-$0)) }), (.tanh, { tanh($0) }),
      (.sigmoid, { 1 / (1 + exp(-$0)) }), (.quickGELU, { $0 / (1 + exp(-1.702 * $0)) }),
      (.identity, { $0 }),
    ]
    for (activation, definition) in definitions {
      expectClose(
        activate(Tensor(x, shape: [7]), activation).floats, x.map { Float(definition(Double($0))) }, 1e-5)
    }
  }

  /// Far from zero, GELU is 0 or its argument, and its slope 0 or 1.
  @Test func geluTanhOfLargeNumbers() {
    for (value, slope) in [(-1e19, 0), (-50, 0), (50, 1), (1e19, 1)] as [(Float, Float)] {
      let tape = Tape()
      let x = tape.watch(Tensor([value], shape: [1]), needsGradient: true)
      let y = activate(x, .geluTanh)
      #expect(abs(y.scalar - slope * value) <= 1e-7 * abs(value))
      tape.backward(from: y)
      #expect(abs((tape.gradient(of: x)?.scalar ?? 2) - slope) <= 1e-30)
    }
  }

  @Test func bfloat16RoundsToNearestEven() {
    // 1 + 2⁻⁸ lies halfway between two bfloat16 numbers; 1 is the even one.
    let values: [Float] = [1.00390625, 1.01171875, -3.14159, .infinity, .nan, 0]
    let rounded = Tensor(values, shape: [6]).cast(to: .bfloat16).cast(to: .float32).floats
    #expect(rounded[0] == 1 && rounded[1] == 1.015625 && rounded[2] == -3.140625)
    #expect(rounded[3] == .infinity && rounded[4].isNaN && rounded[5] == 0)
  }

  @Test func imagesAreCutIntoPatches() {
    let image = Tensor((0..<24).map(Float.init), shape: [1, 1, 4, 6])
    let rows = patches(image, height: 2, width: 3)
    #expect(rows.shape == [1, 4, 6])
    #expect(
      rows.floats == [0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11, 12, 13, 14, 18, 19, 20, 15, 16, 17, 21, 22, 23])
  }

  @Test func viewsSeeTheSameElements() {
    let x = Tensor((0..<24).map(Float.init), shape: [2, 3, 4])
    let half = x.split(2)[1]
    #expect(half.reshaped(6, 2).floats == [2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23])
    #expect(half.reshaped(3, 4).floats == half.floats)
    #expect(x.reshaped(-1, 12).shape == [2, 12])
  }
}

extension OperationTests {
  /// A vocabulary's products are computed in parts.
  @Test func largeSidesEqualNaiveProduct() {
    let weight = Parameter(name: "w", value: randomTensor([16_500, 3], seed: 1))
    weight.setTrainable(true)
    let tape = Tape()
    let x = tape.watch(randomTensor([2, 3], seed: 2), needsGradient: true)
    let gradient = randomTensor([2, 16_500], seed: 3)
    tape.backward(from: linear(x, weight), gradient: gradient)
    let expected = Self.naiveMatmul(gradient.floats, weight.value.floats, 2, 16_500, 3)
    expectClose(tape.gradient(of: x)?.floats ?? [], expected)
    let turned = (0..<33_000).map { gradient.floats[$0 % 2 * 16_500 + $0 / 2] }
    expectClose(weight.gradient?.floats ?? [], Self.naiveMatmul(turned, x.floats, 16_500, 2, 3))
  }
}
