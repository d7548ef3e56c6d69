import VignetteCheckpoints
import Foundation
import VignetteFiles
import VignetteTestSupport
import Testing

/// The tensors that PyTorch says a fixture holds.
struct Expectation {
  struct Tensor {
    let type: String
    let shape: [Int]
    let values: [Float]
  }

  let tensors: [String: Tensor]

  init(_ fixture: String) throws {
    let members = try JSONField(contentsOf: Fixture.url(fixture)).members()
    tensors = try Dictionary(
      uniqueKeysWithValues: members.map { name, field in
        let tensor = Tensor(
          type: try field["type"].value(), shape: try field["shape"].value(),
          values: try field["values"].value(as: [Float].self))
        return (name, tensor)
      })
  }

  /// Checks that `stored` has these tensors and no others, bit for bit.
  func check(_ stored: [StoredTensor], _ location: SourceLocation = #_sourceLocation) {
    #expect(Set(stored.map(\.name)) == Set(tensors.keys), sourceLocation: location)
    for tensor in stored {
      guard let expected = tensors[tensor.name] else { continue }
      let comment = Comment(rawValue: tensor.name)
      #expect(tensor.elementType.rawValue == expected.type, comment, sourceLocation: location)
      #expect(tensor.shape == expected.shape, comment, sourceLocation: location)
      #expect(
        tensor.floats().map(\.bitPattern) == expected.values.map(\.bitPattern), comment,
        sourceLocation: location)
    }
  }
}
