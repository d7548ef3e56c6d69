import VignetteTensors

/// A linear layer whose result joins the residual stream: residual + dropPath(λ ⊙ dropout(x Wᵀ + b)).
struct ResidualBranch {
  let projection: Linear
  /// λ: a learned factor for each channel; nil for none.
  let layerScale: Parameter?
  let dropout: Float
  let dropPath: Float

  init(_ projection: Linear, layerScale: Parameter? = nil, dropout: Float, dropPath: Float = 0) {
    self.projection = projection
    self.layerScale = layerScale
    self.dropout = dropout
    self.dropPath = dropPath
  }

  func callAsFunction(_ x: Tensor, adding residual: Tensor) -> Tensor {
    guard layerScale != nil || dropPath > 0 && Tape.isDroppingOut(x, residual) else {
      return projection(x, adding: residual, dropout: dropout)
    }
    let branch = VignetteTensors.dropout(projection(x, output: residual.dtype), probability: dropout)
    let scaled = layerScale.map { VignetteTensors.layerScale(branch, $0) } ?? branch
    return residual + VignetteTensors.dropPath(scaled, probability: dropPath)
  }
}
