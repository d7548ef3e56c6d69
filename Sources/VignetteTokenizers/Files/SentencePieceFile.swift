package import Foundation
import VignetteFiles

/// What a `.model` file of SentencePiece holds, as far as a tokenizer needs it.
/// (https://github.com/google/sentencepiece, sentencepiece_model.proto)
package struct SentencePieceFile: Sendable {
  package enum PieceType: Int, Sendable {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  package struct Piece: Sendable {
    package var text = ""
    package var score: Float = 0
    package var type = PieceType.normal
  }

  /// How the model was trained.
  package enum ModelType: Int, Sendable {
    case unigram = 1
    case bpe, word, character
  }

  package private(set) var pieces: [Piece] = []
  package private(set) var modelType = ModelType.unigram
  package private(set) var hasByteFallback = false
  package private(set) var unknownID = 0
  /// The compiled normalisation rules; empty for none.
  package private(set) var characterMap: [UInt8] = []
  package private(set) var addsDummyPrefix = true
  package private(set) var removesExtraSpaces = true
  package private(set) var escapesSpaces = true

  /// - Throws: ``TokenizerError`` for a file that isn't one, and `SystemError` or `FileError` for one that can't be read.
  package init(contentsOf url: URL) throws {
    try FileBytes.read(url) { bytes in
      do throws(TokenizerFault) {
        try read(ProtobufReader(bytes))
      } catch {
        throw TokenizerError.invalid(
          file: url.path, problem: "it is no SentencePiece model: \(error.problem)")
      }
    }
  }

  private mutating func read(_ message: ProtobufReader) throws(TokenizerFault) {
    var message = message
    while let (number, value) = try message.next() {
      switch number {
      case 1: pieces.append(try Self.piece(value.message()))
      case 2: try readTraining(value.message())
      case 3: try readNormalization(value.message())
      default: break
      }
    }
    guard !pieces.isEmpty else { throw .init(problem: "it has no pieces") }
    guard pieces.count <= Vocabulary.maximumID else { throw .init(problem: "it has \(pieces.count) pieces") }
  }

  private static func piece(_ message: ProtobufReader) throws(TokenizerFault) -> Piece {
    var message = message
    var piece = Piece()
    while let (number, value) = try message.next() {
      switch number {
      case 1: piece.text = try value.string()
      case 2: piece.score = try value.float()
      case 3: piece.type = PieceType(rawValue: try value.int32()) ?? piece.type
      default: break
      }
    }
    guard piece.score.isFinite else {
      throw .init(problem: "the score of the piece \"\(piece.text)\" is \(piece.score)")
    }
    return piece
  }

  private mutating func readTraining(_ message: ProtobufReader) throws(TokenizerFault) {
    var message = message
    while let (number, value) = try message.next() {
      switch number {
      case 3: modelType = ModelType(rawValue: try value.int32()) ?? modelType
      case 35: hasByteFallback = try value.bool()
      case 40: unknownID = try value.int32()
      default: break
      }
    }
  }

  private mutating func readNormalization(_ message: ProtobufReader) throws(TokenizerFault) {
    var message = message
    while let (number, value) = try message.next() {
      switch number {
      case 2: characterMap = Array(try value.bytes())
      case 3: addsDummyPrefix = try value.bool()
      case 4: removesExtraSpaces = try value.bool()
      case 5: escapesSpaces = try value.bool()
      default: break
      }
    }
  }
}
