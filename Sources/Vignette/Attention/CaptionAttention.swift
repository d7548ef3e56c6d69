package import VignetteFiles
public import VignetteImages
import VignetteModels
import VignetteTokenizers

/// Where a model looked at the image for each word of a caption.
///
/// ```swift
/// let looking = GenerationOptions(outputAttentions: true)
/// if let attention = try await captioner.caption(photo, generation: looking).attention {
///   for word in attention.words { print(word.text, attention.weights(of: word)) }
/// }
/// ```
///
/// A weight is a probability: the share of the attention that the text part gave to a patch of the image when it chose a
/// token, averaged over heads. The weights of a layer add up to 1 less what went to tokens that stand nowhere in the
/// image (class, distillation and register tokens), which are left out. Models that have the image before the caption's
/// tokens in one sequence (GIT) attend to both; there the weights are shares of what the image got.
///
/// A token's weights are those with which it was chosen: of the pass that was fed the token before it, as in the
/// `cross_attentions` that Transformers' `generate` returns. With beam search they are those of the caption that won.
public struct CaptionAttention: Codable, Hashable, Sendable {
  /// The grid's rows, from the top: patches, or the cells of the last stage's feature map.
  public let rows: Int
  /// The grid's columns, from the left.
  public let columns: Int
  /// The part of the image, upright, that the grid covers: not the edges that are cropped away. It may reach beyond the
  /// image where that is padded.
  public let area: ImageArea
  /// The generated tokens, those that end a caption included.
  public let tokens: [Token]
  /// The words of the text, as far as they were generated: what stands between spaces, and in scripts without spaces
  /// what the tokens are.
  public let words: [Word]

  /// A generated token.
  public struct Token: Codable, Hashable, Sendable {
    public let tokenID: Int
    /// For each layer of the text part, from the first, a weight from 0 to 1 for each cell of the grid, row by row.
    public let layers: [[Float]]
  }

  /// A word of a caption.
  public struct Word: Codable, Hashable, Sendable {
    public let text: String
    /// Its tokens, by their positions in ``CaptionAttention/tokens``; the first and last may be parts of other words, too.
    public let tokens: Range<Int>
  }

  /// How many layers the text part has.
  public var layerCount: Int { tokens.first?.layers.count ?? 0 }

  /// The weights of a word, from 0 to 1, for each cell of the grid, row by row: the mean of those of its tokens.
  ///
  /// - Parameters:
  ///   - word: one of ``words``.
  ///   - layer: a layer of the text part, from 0; nil for the mean of all.
  public func weights(of word: Word, layer: Int? = nil) -> [Float] {
    let maps = tokens[word.tokens].flatMap { token in layer.map { [token.layers[$0]] } ?? token.layers }
    var sums = [Float](repeating: 0, count: rows * columns)
    for map in maps {
      for (cell, weight) in map.enumerated() { sums[cell] += weight }
    }
    return maps.isEmpty ? sums : sums.map { $0 / Float(maps.count) }
  }
}

extension CaptionAttention {
  /// - Parameters:
  ///   - tokenIDs: of the whole caption.
  ///   - text: the caption's.
  ///   - image: as `processor` prepared it.
  init(
    _ attention: TokenAttention, of tokenIDs: [Int], text: String, _ tokenizer: any Tokenizer,
    _ image: PreparedImage, _ processor: ImageProcessor
  ) {
    let layout = attention.layout
    (rows, columns) = (layout.rows, layout.columns)
    area = processor.crop(width: image.originalWidth, height: image.originalHeight).part(
      ImageArea(
        x: 0, y: 0, width: Double(layout.columns * layout.cellWidth) / Double(image.pixels.width),
        height: Double(layout.rows * layout.cellHeight) / Double(image.pixels.height)))
    let generated = tokenIDs.suffix(attention.values.count)
    tokens = zip(generated, attention.values).map { Token(tokenID: $0, layers: $1) }
    words =
      CaptionWords(
        text, prompt: Array(tokenIDs.dropLast(generated.count)), generated: Array(generated), tokenizer
      ).words
  }

  /// What a server says of it: rows, columns, the part of the image, and the weights of each word to five decimals.
  ///
  /// - Parameter hasLayers: whether those of each layer are told, too.
  package func json(layers hasLayers: Bool) -> JSONValue {
    [
      "rows": .int(rows), "columns": .int(columns),
      "crop": [
        "x": .double(area.x), "y": .double(area.y), "width": .double(area.width),
        "height": .double(area.height),
      ],
      "words": .array(
        words.map { word in
          var object: JSONObject = [
            "text": .string(word.text), "first_token": .int(word.tokens.lowerBound),
            "token_count": .int(word.tokens.count), "weights": Self.json(weights(of: word)),
          ]
          if hasLayers {
            object["layers"] = .array((0..<layerCount).map { Self.json(weights(of: word, layer: $0)) })
          }
          return .object(object)
        }),
    ]
  }

  private static func json(_ weights: [Float]) -> JSONValue {
    .array(weights.map { .double((Double($0) * 1e5).rounded() / 1e5) })
  }
}
