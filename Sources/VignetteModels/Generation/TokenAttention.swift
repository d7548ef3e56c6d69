import VignetteTensors

/// Where a model looked while it wrote each token of a caption.
package struct TokenAttention: Sendable, Equatable {
  package let layout: PatchLayout
  /// For each generated token and each layer of the text part, the share of its attention that goes to each cell of the
  /// grid, row by row, averaged over heads.
  package let values: [[[Float]]]
}

extension CaptionModel {
  /// The same captions, each with where the model looked; as they are where the family can't tell.
  ///
  /// The finished captions pass through the text part once more, all tokens at once, and the probabilities of its
  /// attention to the image are kept. They are those that the search had, but for rounding, whatever beams it dropped on
  /// its way; and the search, which would have had to keep those of all beams, goes on without a thought for them.
  ///
  /// - Parameters:
  ///   - outputs: the captions of each of the images.
  ///   - imageSize: of the pixel values that were encoded.
  /// - Throws: `TensorMemoryError`.
  package func withAttention(
    _ outputs: [[GenerationOutput]], features: ImageFeatures, imageSize: (height: Int, width: Int)
  ) throws -> [[GenerationOutput]] {
    let captions = outputs.flatMap { $0 }
    guard !captions.isEmpty, let layout = patchLayout(height: imageSize.height, width: imageSize.width)
    else { return outputs }
    let maps = try MemoryFault.thrown(
      by: "the attention of \(captions.count) captions", lowering: ["batch_size", "num_return_sequences"]
    ) {
      imageAttention(
        tokens: captions.map(\.readTokens), promptLengths: captions.map(\.promptLength), features: features,
        captionsPerImage: outputs.map(\.count)
      )
      .map { layers in
        captions.enumerated().map { row, caption in
          TokenAttention(layout: layout, layers, row: row, caption)
        }
      }
    }
    guard var rest = maps?[...] else { return outputs }
    return outputs.map { captions in
      captions.map { caption in
        var caption = caption
        caption.attention = rest.popFirst()
        return caption
      }
    }
  }
}

extension TokenAttention {
  /// - Parameter layers: [B, T, S] each.
  fileprivate init(layout: PatchLayout, _ layers: [Tensor], row: Int, _ caption: GenerationOutput) {
    self.layout = layout
    // A token is chosen by what the text part makes of the one before it.
    let first = caption.promptLength - 1
    values = caption.tokenLogProbabilities.indices.map { token in
      layers.map { $0.cells(layout.cells, row: row, position: first + token) }
    }
  }
}

extension Tensor {
  /// Elements [row, position, range] of a contiguous tensor [B, T, S]; none where it got no memory.
  fileprivate func cells(_ range: Range<Int>, row: Int, position: Int) -> [Float] {
    let start = (row * shape[1] + position) * shape[2]
    return withFloats { floats in
      floats.isEmpty ? [] : Array(floats[start + range.lowerBound..<start + range.upperBound])
    }
  }
}

extension GenerationOutput {
  /// How many tokens it began with.
  fileprivate var promptLength: Int { tokenIDs.count - tokenLogProbabilities.count }

  /// The tokens after which another was chosen.
  fileprivate var readTokens: [Int] { Array(tokenIDs.prefix(max(1, tokenIDs.count - 1))) }
}
