import VignetteTensors
import Testing

/// What no machine holds is an error before it is asked for, however large the numbers are.
@Suite struct TensorMemoryErrorTests {
  @Test(arguments: [[1 << 40, 3], [.max, .max, .max, .max]])
  func tooMuch(_ shape: [Int]) {
    let error = #expect(throws: TensorMemoryError.self) {
      try MemoryCheck.pass(shape, "the logits", lowering: ["batch_size"])
    }
    let text = error?.description ?? ""
    #expect(text.hasPrefix("the logits would take ") && text.hasSuffix("; lower `batch_size`"), "\(text)")
  }

  @Test(arguments: [[], [0, .max], [1000, 1000]])
  func littleEnough(_ shape: [Int]) throws {
    try MemoryCheck.pass(shape, "the logits", lowering: [])
  }
}
