/// How a checkpoint stores the matrix of a linear layer.
package enum WeightLayout: Sendable {
  /// [out, in], as PyTorch's `nn.Linear` does.
  case outputByInput
  /// [in, out], as GPT-2's `Conv1D` does.
  case inputByOutput

  /// The stored weight as the right-hand matrix [in, out] of x × W.
  func matrix(_ weight: Tensor) -> Tensor {
    let flat = weight.reshaped(to: [weight.shape[0], -1])
    return self == .outputByInput ? flat.transposed : flat
  }
}

/// activation(x Wᵀ + b) + residual: x [..., I], W [O, I] or [I, O], b [O], residual and result [..., O].
///
/// Computes in the weight's precision. The result has the residual's type if there is one, else
/// `output` if given, else the precision's.
package func linear(
  _ x: Tensor, _ weight: Parameter, _ bias: Parameter? = nil, layout: WeightLayout = .outputByInput,
  activation: Activation = .identity, adding residual: Tensor? = nil, output: DType? = nil
) -> Tensor {
  let computed = weight.precision.dtype
  let input = x.cast(to: computed)
  let tape = Tape.of(input, residual)
  let rows = input.detached.asRows()
  let width = layout.matrix(weight.value).shape[1]
  let shape = Array(x.shape.dropLast()) + [width]
  let dtype = residual?.dtype ?? output ?? computed
  // The gradient of an activation needs what went into it, so a recorded one is not fused.
  let isFused = tape == nil || activation == .identity
  let product = Tensor(uninitialized: [rows.shape[0], width], dtype: isFused ? dtype : computed)
  let packed = weight.packedValue(layout: layout, rows: rows.shape[0])
  matmul(
    rows, packed == nil ? layout.matrix(weight.computeValue()) : layout.matrix(weight.value), into: product,
    packed: packed, bias: bias?.value, activation: isFused ? activation : .identity,
    residual: isFused ? residual?.detached.asRows() : nil)

  var result = product.reshaped(to: shape)
  if !isFused {
    let activated = Tensor(uninitialized: shape, dtype: computed)
    apply(activation, product, into: activated)
    result = activated.cast(to: dtype)
    if let residual { addElements(result, residual.detached, into: result) }
  }
  guard let tape else { return result }
  // The tape keeps only what the gradients need.
  let activationInput = isFused ? nil : product
  let keptRows = weight.isTrainable ? rows : nil
  let (inputNode, inputShape, residualNode) = (input.gradientNode, input.shape, residual?.gradientNode)
  return tape.record(result, from: [input, residual], [weight, bias]) { gradient in
    residualNode?.accumulate(gradient)
    var upstream = gradient.cast(to: computed).asRows()
    if let activationInput {
      upstream = activationGradient(activation, input: activationInput, gradient: upstream.contiguous())
    }
    if let inputNode {
      let (target, accumulate) = inputNode.target(shape: inputShape)
      matmul(
        upstream, layout.matrix(weight.computeValue()).transposed, into: target.asRows(),
        accumulate: accumulate)
    }
    if let keptRows {
      let (buffer, accumulate) = weight.gradientBuffer()
      let target = buffer.reshaped(to: [weight.shape[0], -1])
      switch layout {
      case .outputByInput: matmulInParts(upstream.transposed, keptRows, into: target, accumulate: accumulate)
      case .inputByOutput: matmulInParts(keptRows.transposed, upstream, into: target, accumulate: accumulate)
      }
    }
    if let bias, bias.isTrainable { addColumnSums(of: upstream, to: bias.zeroedGradientBuffer()) }
  }
}
