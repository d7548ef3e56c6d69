/// The part of a captioner that a weight belongs to.
public enum ModelPart: String, Sendable, CaseIterable {
  /// Turns pixels into hidden states.
  case vision
  /// Brings the hidden states to what the text part takes.
  case bridge
  /// Turns image features and tokens into logits.
  case text
}

/// A model's weight: its value in float32, its gradient, and the forms that computation needs it in.
public final class Parameter {
  /// The full dotted name in a checkpoint.
  public let name: String
  /// The part of a captioner that it belongs to; nil for a parameter on its own.
  public let part: ModelPart?
  /// The value, float32 and contiguous.
  public private(set) var value: Tensor
  /// dL/dvalue, gathered over all backward passes since it was last set to nil.
  package var gradient: Tensor?
  /// How products with this weight are computed; a layer norm with this gain gives elements of its type.
  package var precision = Precision.float32 {
    didSet { if precision != oldValue { forgetPreparedForms() } }
  }
  /// Whether weight decay may shrink it; not so in layer norms.
  package var decays = true
  /// Whether training leaves it as it is, as a table of sines that stands in a checkpoint.
  package var isFixed = false
  /// Whether gradients are gathered for it.
  package private(set) var isTrainable = false

  private var converted: Tensor?
  private var packed: PackedWeight?
  /// Gives the pages of a mapped file back once a packed copy has replaced them.
  private let release: (() -> Void)?

  /// - Parameter release: called when the value's own memory will probably not be read again.
  package init(
    name: String, part: ModelPart? = nil, value: Tensor, release: (() -> Void)? = nil
  ) {
    precondition(value.dtype == .float32 && value.isContiguous, "parameters are contiguous float32")
    self.name = name
    self.part = part
    self.value = value.detached
    self.release = release
  }

  public var shape: [Int] { value.shape }
  public var count: Int { value.count }
  /// Whether all of its weights are numbers.
  package var isFinite: Bool { value.sumOfSquares.isFinite }

  /// Starts or stops gathering gradients, unless it is fixed. A value in a mapped file is copied first, so that it can change.
  package func setTrainable(_ trainable: Bool) {
    let trainable = trainable && !isFixed
    isTrainable = trainable
    if trainable && !value.storage.isWritable {
      let copy = Tensor(uninitialized: value.shape)
      guard copy.hasMemory else { return }
      copy.assign(value)
      value = copy
      release?()
    }
    if !trainable { gradient = nil }
  }

  /// Changes the value in place; prepared forms are made anew when they are next needed.
  package func update(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
    try change { try $0.withMutableFloats(body) }
  }

  /// ``update(_:)`` for kernels.
  func change(_ body: (Tensor) throws -> Void) rethrows {
    precondition(value.storage.isWritable, "\(name) stands in a mapped file; make it trainable first")
    defer { forgetPreparedForms() }
    try body(value)
  }

  /// Gives back the memory of a value that stands in a mapped file; it is read again when it is next needed.
  package func releasePages() { release?() }

  /// The value as products take it, in its own layout.
  func computeValue() -> Tensor {
    guard precision != .float32 else { return value }
    if let converted { return converted }
    let copy = value.cast(to: precision.dtype)
    if copy.hasMemory { converted = copy }
    return copy
  }

  /// The value as the right-hand side of products with few rows; nil where packing doesn't pay.
  ///
  /// Few rows read each weight once, and only oneDNN's blocked layout does so at the memory's full
  /// speed. With many rows, float32 needs no packing; bfloat16 has to be copied anyway.
  func packedValue(layout: WeightLayout, rows: Int) -> PackedWeight? {
    if let packed { return packed }
    guard !isTrainable || rows <= Self.fewRows else { return nil }
    guard rows <= Self.fewRows || precision == .bfloat16 else { return nil }
    let matrix = layout.matrix(value)
    packed = PackedWeight(matrix, precision: precision, rows: rows)
    if packed != nil { release?() }
    return packed
  }

  /// The value as a tensor, from which gradients flow back to the parameter: for operations that change a
  /// parameter before it is used, as resampling positions does.
  ///
  /// - Parameter tape: what to record on, if anything: a parameter can't carry a tape as tensors do.
  package func tensor(on tape: Tape?) -> Tensor {
    guard let tape else { return value }
    return tape.record(value, from: [], [self]) { [self] gradient in
      let buffer = zeroedGradientBuffer()
      addElements(buffer, gradient.contiguous(), into: buffer)
    }
  }

  private static let fewRows = 64

  private func forgetPreparedForms() {
    converted = nil
    packed = nil
  }
}

extension Parameter {
  /// Where gradients are added, zero at first.
  func gradientBuffer() -> (buffer: Tensor, accumulate: Bool) {
    if let gradient { return (gradient, true) }
    let buffer = Tensor(uninitialized: value.shape)
    if buffer.hasMemory { gradient = buffer }
    return (buffer, false)
  }

  /// ``gradientBuffer()`` for operations that can only add.
  func zeroedGradientBuffer() -> Tensor {
    if let gradient { return gradient }
    let buffer = Tensor(zeros: value.shape)
    if buffer.hasMemory { gradient = buffer }
    return buffer
  }
}
