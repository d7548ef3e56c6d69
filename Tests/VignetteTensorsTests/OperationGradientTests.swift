import VignetteTensors
import Testing

/// Every operation's backward pass against finite differences.
@Suite struct OperationGradientTests {
  @Test(arguments: [WeightLayout.outputByInput, .inputByOutput], Activation.allCases)
  func linearGradients(layout: WeightLayout, activation: Activation) {
    let shape = layout == .outputByInput ? [5, 7] : [7, 5]
    let weight = randomParameter("weight", shape, seed: 1)
    let bias = randomParameter("bias", [5], seed: 2)
    let inputs = [randomTensor([2, 3, 7], seed: 3), randomTensor([2, 3, 5], seed: 4)]
    checkGradients(inputs: inputs, parameters: [weight, bias]) { x, _ in
      linear(x[0], weight, bias, layout: layout, activation: activation, adding: x[1])
    }
  }

  @Test func layerNormGradients() {
    let gamma = randomParameter("gamma", [9], seed: 1)
    let beta = randomParameter("beta", [9], seed: 2)
    checkGradients(inputs: [randomTensor([4, 9], seed: 3)], parameters: [gamma, beta]) { x, _ in
      layerNorm(x[0], gamma, beta, epsilon: 1e-5)
    }
  }

  @Test(arguments: Activation.allCases)
  func activationGradients(activation: Activation) {
    checkGradients(inputs: [randomTensor([3, 8], seed: 5)]) { x, _ in activate(x[0], activation) }
  }

  @Test(arguments: [false, true])
  func attentionGradients(isCausal: Bool) {
    let inputs = [1, 2, 3].map { randomTensor([2, 5, 6], seed: $0) }
    checkGradients(inputs: inputs) { x, _ in
      attention(x[0], x[1], x[2], AttentionOptions(heads: 2, scale: 0.6, isCausal: isCausal))
    }
  }

  @Test func attentionOfSeveralQueriesToOneKey() {
    let inputs = [
      randomTensor([5, 3, 6], seed: 1), randomTensor([2, 4, 6], seed: 2), randomTensor([2, 4, 6], seed: 3),
    ]
    checkGradients(inputs: inputs) { x, _ in
      attention(x[0], x[1], x[2], AttentionOptions(heads: 3, scale: 0.7, queriesPerKey: [2, 3]))
    }
  }

  @Test func attentionBiasGradients() {
    let inputs =
      [1, 2, 3].map { randomTensor([4, 3, 4], seed: $0) } + [randomTensor([2, 2, 3, 3], seed: 4)]
    checkGradients(inputs: inputs) { x, _ in
      attention(x[0], x[1], x[2], AttentionOptions(heads: 2, scale: 0.8, bias: x[3]))
    }
  }

  @Test func splitGradientsOfFusedProjection() {
    let weight = randomParameter("c_attn", [6, 18], seed: 1)
    checkGradients(inputs: [randomTensor([2, 4, 6], seed: 2)], parameters: [weight]) { x, _ in
      let parts = linear(x[0], weight, layout: .inputByOutput).split(3)
      return attention(parts[0], parts[1], parts[2], AttentionOptions(heads: 2, scale: 0.5, isCausal: true))
    }
  }

  @Test func unusedPartOfSplitHasGradientZero() {
    let weight = randomParameter("weight", [4, 8], seed: 1)
    checkGradients(inputs: [randomTensor([3, 4], seed: 2)], parameters: [weight]) { x, _ in
      activate(linear(x[0], weight, layout: .inputByOutput).split(2)[1], .tanh)
    }
  }

  @Test func embeddingGradientsWithRepeatedIndices() {
    let words = randomParameter("words", [6, 4], seed: 1)
    let positions = randomParameter("positions", [3, 4], seed: 2)
    checkGradients(inputs: [], parameters: [words, positions]) { _, tape in
      embedding([Lookup([5, 1, 1, 0], in: words), Lookup([0, 1, 2, 0], in: positions)], on: tape)
    }
  }

  @Test func scaledLookups() {
    let words = randomParameter("words", [6, 4], seed: 1)
    let positions = randomParameter("positions", [3, 4], seed: 2)
    let scaled = { Lookup([5, 1, 1, 0], in: words, scale: 3) }
    checkGradients(inputs: [], parameters: [words, positions]) { _, tape in
      embedding([scaled(), Lookup([0, 1, 2, 0], in: positions, scale: 0.5)], on: tape)
    }
    let plain = embedding([Lookup([5, 1, 1, 0], in: words)])
    #expect(embedding([scaled()]).floats == plain.floats.map { 3 * $0 })
  }

  @Test func paddingGetsNoGradientThroughALookup() {
    let words = randomParameter("words", [4, 2], seed: 1)
    let tape = Tape()
    tape.backward(from: embedding([Lookup([3, 1, 1, 0], in: words, paddingIndex: 1)], on: tape))
    #expect(words.gradient?.floats == [1, 1, 0, 0, 0, 0, 1, 1])
  }

  @Test func tokensBeforeASequence() {
    let token = randomParameter("cls", [1, 1, 4], seed: 1)
    let other = randomParameter("distillation", [1, 1, 4], seed: 2)
    let positions = randomParameter("positions", [1, 5, 4], seed: 3)
    checkGradients(inputs: [randomTensor([2, 3, 4], seed: 4)], parameters: [token, other, positions]) {
      x, _ in
      add(prepend([token, other], to: x[0]), positions)
    }
  }

  /// Each row's own sequence, and one that several rows share.
  @Test(arguments: [nil, [2, 1]] as [[Int]?])
  func sequencesBeforeSequences(rowsPerEntry: [Int]?) {
    let entries = rowsPerEntry?.count ?? 3
    let (x, y) = (randomTensor([entries, 2, 4], seed: 1), randomTensor([3, 5, 4], seed: 2))
    let whole = prepend(x, to: y, rowsPerEntry: rowsPerEntry)
    #expect(whole.shape == [3, 7, 4])
    let entry = rowsPerEntry == nil ? 1 : 0
    #expect(
      whole.slice(1..<2, axis: 0).slice(0..<2, axis: 1).contiguous().floats
        == x.slice(entry..<entry + 1, axis: 0).contiguous().floats)
    #expect(whole.slice(2..<7, axis: 1).contiguous().floats == y.floats)
    checkGradients(inputs: [x, y]) { x, _ in
      activate(prepend(x[0], to: x[1], rowsPerEntry: rowsPerEntry), .tanh)
    }
  }

  /// Queries that are the last of what there is to see.
  @Test func causalAttentionBehindAPrefix() {
    let inputs = [
      randomTensor([2, 3, 4], seed: 1), randomTensor([2, 5, 4], seed: 2), randomTensor([2, 5, 4], seed: 3),
    ]
    checkGradients(inputs: inputs) { x, _ in
      attention(x[0], x[1], x[2], AttentionOptions(heads: 2, scale: 0.6, isCausal: true))
    }
  }

  @Test func sumWhereBothSidesAreTheSame() {
    checkGradients(inputs: [randomTensor([3, 4], seed: 1)]) { x, _ in x[0] + activate(x[0] + x[0], .tanh) }
  }

  @Test(arguments: [Float(0), 0.1])
  func crossEntropyGradients(smoothing: Float) {
    let labels: [Int32] = [3, ignoredLabel, 0, 6]
    checkGradients(inputs: [randomTensor([4, 7], seed: 1)]) { x, _ in
      crossEntropy(x[0], labels: labels, smoothing: smoothing)
    }
  }

  @Test func dropoutPassesTheSameMaskBack() {
    let tape = Tape(dropoutSeed: 7)
    let x = tape.watch(randomTensor([64, 64], seed: 1), needsGradient: true)
    let y = dropout(x, probability: 0.25)
    tape.backward(from: y)
    let zeros = zip(y.floats, x.floats).map { $0.0 == 0 && $0.1 != 0 }
    let gradients = tape.gradient(of: x)?.floats ?? []
    for (isZero, gradient) in zip(zeros, gradients) { #expect(gradient == (isZero ? 0 : 1 / 0.75)) }
    let share = Double(zeros.count { $0 }) / Double(zeros.count)
    #expect(abs(share - 0.25) < 0.03, "dropped \(share)")
  }

  @Test func bfloat16GradientsAreCloseToFloat32() {
    func gradients(_ precision: Precision) -> [[Float]] {
      let weight = randomParameter("weight", [18, 6], seed: 1)
      let gamma = randomParameter("gamma", [6], seed: 2)
      let beta = randomParameter("beta", [6], seed: 3)
      let out = randomParameter("out", [6, 6], seed: 5)
      for parameter in [weight, gamma, beta, out] { parameter.precision = precision }
      let tape = Tape()
      let x = tape.watch(randomTensor([2, 4, 6], seed: 4), needsGradient: true)
      let parts = linear(layerNorm(x, gamma, beta, epsilon: 1e-5), weight).split(3)
      let mixed = attention(parts[0], parts[1], parts[2], AttentionOptions(heads: 2, scale: 0.5))
      let loss = crossEntropy(linear(mixed, out, adding: x), labels: [0, 1, 2, 3, 4, 5, 0, 1])
      tape.backward(from: loss)
      return [weight, gamma, beta, out].map { $0.gradient?.floats ?? [] } + [
        tape.gradient(of: x)?.floats ?? []
      ]
    }
    guard Precision.supportsBFloat16 else { return }
    for (low, full) in zip(gradients(.bfloat16), gradients(.float32)) { expectClose(low, full, 4e-2) }
  }

  @Test func frozenParametersGetNoGradientAndWatchedOnesDo() {
    let frozen = Parameter(name: "frozen", value: randomTensor([4, 4], seed: 1))
    let trained = randomParameter("trained", [4, 4], seed: 2)
    let tape = Tape()
    let x = tape.watch(randomTensor([2, 4], seed: 3))
    let y = linear(linear(x, frozen), trained)
    tape.backward(from: y)
    #expect(frozen.gradient == nil && trained.gradient != nil)
  }
}
