/// How attention is computed, apart from its inputs.
package struct AttentionOptions {
  /// H: the width C is cut into as many heads of size D = C / H.
  package var heads: Int
  /// What q·k is multiplied by, usually 1 / √D.
  package var scale: Float
  /// Whether a token may see only itself and what comes before it.
  package var isCausal: Bool
  /// Added to scaled scores: [G, H, T, S], batch entry b taking group b mod G.
  package var bias: Tensor?
  /// The share of probabilities set to zero, where the tape has a dropout seed.
  package var dropout: Float
  /// How many adjacent batch entries of the queries belong to each entry of keys and values; one each
  /// if nil. Five captions of one image attend to one encoding this way.
  package var queriesPerKey: [Int]?

  package init(
    heads: Int, scale: Float, isCausal: Bool = false, bias: Tensor? = nil, dropout: Float = 0,
    queriesPerKey: [Int]? = nil
  ) {
    self.heads = heads
    self.scale = scale
    self.isCausal = isCausal
    self.bias = bias
    self.dropout = dropout
    self.queriesPerKey = queriesPerKey
  }
}

/// softmax(scale · q kᵀ + bias) v for each head (Vaswani et al., 2017): q [B, T, C], k and v [I, S, C]
/// with I = B unless queries share keys → [B, T, C].
///
/// - Precondition: those of queries, keys and values that gradients flow to are different tensors.
package func attention(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ options: AttentionOptions) -> Tensor {
  let groups = AttentionGroups(q, k, options)
  let output = Tensor(uninitialized: q.shape, dtype: q.dtype)
  guard let tape = Tape.of(q, k, v) else {
    groups.forEachPart { group in
      let probabilities = group.probabilities(q, k)
      matmul(probabilities, group.keyed(v), into: group.queried(output))
    }
    return output
  }
  let nodes = [q, k, v].compactMap { $0.gradientNode.map(ObjectIdentifier.init) }
  precondition(Set(nodes).count == nodes.count, "gradients of one tensor in several roles are not supported")
  let seed = options.dropout > 0 ? tape.nextDropoutSeed() : nil
  var kept: [Tensor] = []
  groups.forEach { group in
    let probabilities = group.probabilities(q, k)
    matmul(group.dropped(probabilities, seed), group.keyed(v), into: group.queried(output))
    kept.append(probabilities)
  }
  return tape.record(output, from: [q, k, v, options.bias]) { gradient in
    let dq = q.gradientNode?.target(shape: q.shape)
    let dk = k.gradientNode?.target(shape: k.shape)
    let dv = v.gradientNode?.target(shape: v.shape)
    let upstream = gradient.cast(to: q.dtype)
    groups.forEach { group in
      let p = kept[group.index]
      let dy = group.queried(upstream)
      if let dv {
        matmul(
          group.dropped(p, seed).transposed, dy, into: group.keyed(dv.gradient), accumulate: dv.accumulate)
      }
      let scores = group.scoreGradient(dy, v, p, seed)
      if let dq {
        matmul(scores, group.keyed(k), into: group.queried(dq.gradient), accumulate: dq.accumulate)
      }
      if let dk {
        matmul(scores.transposed, group.queried(q), into: group.keyed(dk.gradient), accumulate: dk.accumulate)
      }
      if let bias = options.bias, let node = bias.gradientNode {
        group.addBiasGradient(scores, to: node, bias)
      }
    }
  }
}

/// What ``attention(_:_:_:_:)`` weighs values by, averaged over heads: the probabilities [B, T, S] of its queries
/// q [B, T, C] over keys k [I, S, C], float32 and without history.
package func attentionWeights(_ q: Tensor, _ k: Tensor, _ options: AttentionOptions) -> Tensor {
  let result = Tensor(zeros: [q.shape[0], q.shape[1], k.shape[1]])
  let heads = options.heads
  AttentionGroups(q, k, options).forEach { group in
    let probabilities = group.probabilities(q, k, as: .float32)
    let mean = result.slice(group.rows, axis: 0)
    guard haveMemory(probabilities, mean) else { return }
    let size = probabilities.shape[2] * probabilities.shape[3]
    probabilities.withFloats { source in
      mean.withMutableFloats { target in
        for entry in 0..<probabilities.shape[0] {
          for head in 0..<heads {
            let first = (entry * heads + head) * size
            for i in 0..<size { target[entry * size + i] += source[first + i] }
          }
        }
        for i in target.indices { target[i] /= Float(heads) }
      }
    }
  }
  return result
}

extension Tensor {
  /// Divides each row [..., S] of a contiguous float32 tensor without history by its sum, in place.
  package func normalizeRows() {
    let size = shape[rank - 1]
    withMutableFloats { values in
      for start in stride(from: 0, to: values.count, by: max(1, size)) {
        let row = start..<start + size
        let sum = row.reduce(Float(0)) { $0 + values[$1] }
        for i in row where sum > 0 { values[i] /= sum }
      }
    }
  }
}

/// The batch in groups of entries whose scores stay in the processor's cache.
private struct AttentionGroups {
  let options: AttentionOptions
  private let groups: [(entries: Range<Int>, queries: Range<Int>)]
  /// T and S.
  private let tokens, keyLength: Int

  /// Scores beyond this are computed in another group, if they are not of one entry.
  private static let scoresAtOnce = 1 << 18

  init(_ q: Tensor, _ k: Tensor, _ options: AttentionOptions) {
    self.options = options
    (tokens, keyLength) = (q.shape[1], k.shape[1])
    let counts = options.queriesPerKey ?? [Int](repeating: 1, count: k.shape[0])
    precondition(
      counts.count == k.shape[0] && counts.reduce(0, +) == q.shape[0],
      "queries \(q.shape) do not share keys \(k.shape) as \(counts) says")
    precondition(
      options.queriesPerKey == nil || (!options.isCausal && options.bias == nil),
      "queries that share keys are neither causal nor biased")
    precondition(
      q.shape[2] % options.heads == 0, "a width of \(q.shape[2]) can't be cut into \(options.heads) heads")
    let queries = counts.first ?? 1
    let isEven = counts.allSatisfy { $0 == queries }
    let scores = options.heads * queries * q.shape[1] * keyLength
    // Entries of several kinds of bias come a whole round of kinds at a time, or one by one.
    let kinds = options.bias?.shape[0] ?? 1
    let fitting = isEven ? max(1, Self.scoresAtOnce / max(1, scores)) : 1
    let size = fitting < kinds ? 1 : fitting / kinds * kinds
    var start = 0
    groups = stride(from: 0, to: counts.count, by: size).map { first in
      let entries = first..<min(first + size, counts.count)
      let rows = start..<start + counts[entries].reduce(0, +)
      start = rows.upperBound
      return (entries, rows)
    }
  }

  func forEach(_ body: (AttentionGroup) -> Void) {
    for (index, group) in groups.enumerated() where !group.queries.isEmpty {
      body(
        AttentionGroup(
          options: options, index: index, entries: group.entries, rows: group.queries,
          heads: 0..<options.heads, keyLength: keyLength))
    }
  }

  /// Groups of whose scores nothing is kept: those of one entry with many keys come a few heads at a time, as many as
  /// keep all threads busy.
  func forEachPart(_ body: (AttentionGroup) -> Void) {
    forEach { group in
      let scores = group.rows.count * tokens * keyLength
      guard group.entries.count == 1, options.heads * scores > 2 * Self.scoresAtOnce,
        options.bias?.shape[0] ?? 1 == 1
      else { return body(group) }
      let size = max(Threads.count, Self.scoresAtOnce / scores)
      for first in stride(from: 0, to: options.heads, by: size) {
        var part = group
        part.heads = first..<min(first + size, options.heads)
        body(part)
      }
    }
  }
}

/// Adjacent entries of keys and values, E of them, and the queries that attend to them, n to each.
private struct AttentionGroup {
  let options: AttentionOptions
  let index: Int
  let entries: Range<Int>
  let rows: Range<Int>
  /// All H of them, or those of a part.
  var heads: Range<Int>
  let keyLength: Int

  /// [B, T, C] → this group's queries [E, H, n·T, D].
  func queried(_ x: Tensor) -> Tensor { byHead(x.slice(rows, axis: 0)) }

  /// [I, S, C] → this group's keys or values [E, H, S, D].
  func keyed(_ x: Tensor) -> Tensor { byHead(x.slice(entries, axis: 0)) }

  private func byHead(_ x: Tensor) -> Tensor {
    let tokens = x.detached.asRows()
    let length = tokens.shape[0] / entries.count
    let size = tokens.shape[1] / options.heads
    return Tensor(
      shape: [entries.count, heads.count, length, size],
      strides: [length * tokens.strides[0], size * tokens.strides[1], tokens.strides[0], 1],
      dtype: x.dtype, storage: x.storage, offset: x.offset + heads.lowerBound * size * tokens.strides[1])
  }

  private func softmax(tokens: Int) -> ScoreSoftmax {
    ScoreSoftmax(
      heads: heads.count, tokens: tokens, keyLength: keyLength, scale: options.scale,
      isCausal: options.isCausal, bias: options.bias.map { kinds(of: $0) })
  }

  /// The kinds of bias that this group's entries take in turn.
  private func kinds(of bias: Tensor) -> Tensor {
    let first = entries.lowerBound % bias.shape[0]
    let kinds = bias.detached.slice(first..<min(first + entries.count, bias.shape[0]), axis: 0)
    return heads.count == options.heads ? kinds : kinds.slice(heads, axis: 1)
  }

  /// softmax of the scores: [E, H, n·T, S], in the queries' type if nil.
  func probabilities(_ q: Tensor, _ k: Tensor, as dtype: DType? = nil) -> Tensor {
    let queries = queried(q)
    let tokens = queries.shape[2]
    let scores = Tensor(uninitialized: [queries.shape[0], heads.count, tokens, keyLength])
    matmul(queries, keyed(k).transposed, into: scores)
    let dtype = dtype ?? q.dtype
    let result = dtype == .float32 ? scores : Tensor(uninitialized: scores.shape, dtype: dtype)
    softmax(tokens: tokens).probabilities(scores, into: result)
    return result
  }

  func dropped(_ probabilities: Tensor, _ seed: UInt64?) -> Tensor {
    seed.map { droppedOut(probabilities, options.dropout, $0 &+ UInt64(index)) } ?? probabilities
  }

  /// dL/d(q·k) [E, H, n·T, S] from the output's gradient.
  func scoreGradient(_ dy: Tensor, _ v: Tensor, _ probabilities: Tensor, _ seed: UInt64?) -> Tensor {
    let product = Tensor(uninitialized: probabilities.shape)
    matmul(dy, keyed(v).transposed, into: product)
    let upstream = dropped(product, seed)
    let result = Tensor(uninitialized: probabilities.shape, dtype: probabilities.dtype)
    softmax(tokens: probabilities.shape[2]).gradient(probabilities, upstream, into: result)
    return result
  }

  /// The bias is added after scaling, so its gradient is that of q·k without the scale.
  func addBiasGradient(_ scores: Tensor, to node: Node, _ bias: Tensor) {
    let (target, accumulate) = node.target(shape: bias.shape)
    if !accumulate { target.assign(Tensor(zeros: target.shape)) }
    let unscaled = Tensor(uninitialized: scores.shape)
    let source = scores.cast(to: .float32)
    multiply(source, by: 1 / options.scale, into: unscaled)
    let kinds = kinds(of: target)
    for entry in 0..<entries.count {
      let kind = entry % kinds.shape[0]
      let sum = kinds.slice(kind..<kind + 1, axis: 0)
      addElements(sum, unscaled.slice(entry..<entry + 1, axis: 0), into: sum)
    }
  }
}

/// The bias that attention adds to the scores of query t and key s, looked up by how they lie to each other:
/// table [N, H], `index` [T·S] rows of it, `mask` [G, T·S] → [G, H, T, S].
///
/// - Parameters:
///   - mask: added for all heads alike, for each of G groups of batch entries; nil for one group and no mask.
package func relativePositionBias(
  _ table: Tensor, index: [Int32], queries: Int, mask: Tensor? = nil
) -> Tensor {
  let (rows, heads, pairs) = (table.shape[0], table.shape[1], index.count)
  precondition(index.allSatisfy { $0 >= 0 && $0 < rows }, "a relative position is beyond \(rows) rows")
  precondition(mask.map { $0.shape[1] == pairs } ?? true, "the mask does not fit \(pairs) pairs")
  let groups = mask?.shape[0] ?? 1
  let columns = table.detached.transposed.contiguous()
  let result = Tensor(uninitialized: [groups, heads, queries, pairs / queries])
  gatherColumns(columns, index, mask: mask, into: result)
  guard let tape = Tape.of(table) else { return result }
  return tape.record(result, from: [table]) { [node = table.gradientNode] gradient in
    let sums = Tensor(zeros: [heads, rows])
    scatterAddColumns(gradient.contiguous(), index, to: sums)
    node?.accumulate(sums.transposed.contiguous())
  }
}
