import Testing
import VignetteTensors

/// Operations that get no memory: an error where the computation began, and nothing else.
@Suite struct MemoryFaultTests {
  /// More than any address space has.
  private static let impossible = [2, 1 << 50]

  @Test func anOperationWithoutMemoryIsAnError() throws {
    let error = #expect(throws: TensorMemoryError.self) {
      try MemoryFault.thrown(by: "captioning 8 images", lowering: ["batch_size"]) {
        let x = Tensor(zeros: Self.impossible)
        #expect(!x.hasMemory)
        return activate(x + x, .gelu).floats
      }
    }
    let text = error?.description ?? ""
    #expect(text.hasPrefix("captioning 8 images takes more memory than there is"), "\(text)")
    #expect(text.hasSuffix("; lower `batch_size`"), "\(text)")
  }

  /// What takes a tensor without memory, even one of an earlier computation, leaves memory alone and fails again.
  @Test(arguments: 0..<8)
  func everyOperationLeavesItOut(number: Int) throws {
    var none = Tensor(zeros: [1])
    _ = try? MemoryFault.thrown(by: "it") { none = Tensor(uninitialized: Self.impossible) }
    let small = Tensor([1, 2, 3, 4], shape: [2, 2])
    let operations: [() -> Void] = [
      { _ = none + none },
      { _ = activate(none, .relu) },
      { _ = none.transposed.contiguous() },
      { _ = none.cast(to: .bfloat16) },
      { none.withFloats { #expect($0.isEmpty) } },
      { none.withBytes { #expect($0.isEmpty) } },
      { none.slice(0..<2, axis: 1).assign(small) },
      { _ = none.split(2)[1].floats },
    ]
    #expect(throws: TensorMemoryError.self) { try MemoryFault.thrown(by: "it") { operations[number]() } }
    #expect(small.floats == [1, 2, 3, 4])
  }

  /// A gradient that finds no memory isn't kept: with memory again, all is as before.
  @Test func aFaultLeavesNothingBehind() throws {
    let weight = Parameter(name: "w", value: Tensor([1, 2, 3, 4], shape: [2, 2]))
    weight.setTrainable(true)
    let x = Tensor([1, 0, 0, 1], shape: [2, 2])
    func gradient() -> [Float]? {
      let tape = Tape()
      tape.backward(from: linear(tape.watch(x), weight))
      defer { weight.gradient = nil }
      return weight.gradient?.floats
    }
    let before = gradient()
    #expect(throws: TensorMemoryError.self) {
      try MemoryFault.thrown(by: "a training step") { _ = Tensor(zeros: Self.impossible) + x }
    }
    #expect(try MemoryFault.thrown(by: "a training step") { gradient() } == before)
  }

  /// Of computations within each other, the outermost that has settings says which.
  @Test func theOutermostWordsTheError() {
    let error = #expect(throws: TensorMemoryError.self) {
      try MemoryFault.thrown(by: "a training step", lowering: ["per_device_train_batch_size"]) {
        try MemoryFault.thrown(by: "encoding 8 images", lowering: ["batch_size"]) {
          _ = Tensor(zeros: Self.impossible)
        }
      }
    }
    #expect(error?.settings == ["per_device_train_batch_size"] && error?.what == "a training step")
  }

  /// Sizes whose product overflows are as impossible.
  @Test func sizesMayOverflow() {
    #expect(throws: TensorMemoryError.self) {
      try MemoryFault.thrown(by: "it") {
        _ = Tensor(uninitialized: [1 << 24, 1 << 24, 1 << 24]).reshaped(1 << 24, -1, 1 << 24)
      }
    }
  }
}
