import Foundation
import VignetteFiles

/// The vocabulary files from before tokenizer.json.
enum VocabularyFiles {
  /// Reads GPT-2's and RoBERTa's vocab.json and merges.txt.
  static func bpe(vocabulary vocabularyURL: URL, merges mergesURL: URL) throws -> TokenizerFile {
    let vocabulary = try FileBytes.readJSON(vocabularyURL) { (cursor) throws(JSONFault) in
      try Vocabulary(&cursor)
    }
    let merges = try FileBytes.read(mergesURL) { bytes in
      try MergeList(lines: bytes.assumingMemoryBound(to: UInt8.self), file: mergesURL.path)
        .table(vocabulary, file: mergesURL.path)
    }
    return TokenizerFile(vocabularyOnly: .bpe(vocabulary, merges))
  }

  /// Reads BERT's vocab.txt: a token a line, white space after it left out.
  static func wordPiece(_ url: URL) throws -> TokenizerFile {
    try FileBytes.read(url) { bytes in
      let bytes = bytes.assumingMemoryBound(to: UInt8.self)
      guard String(validating: bytes, as: UTF8.self) != nil else {
        throw TokenizerError.invalid(file: url.path, problem: "it is no UTF-8")
      }
      var vocabulary = Vocabulary(capacity: 1 << 15)
      var start = 0
      while start < bytes.count {
        let newLine = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
        vocabulary.append(withoutTrailingSpace(UnsafeBufferPointer(rebasing: bytes[start..<newLine])))
        start = newLine + 1
        guard vocabulary.idBound <= Vocabulary.maximumID else {
          throw TokenizerError.invalid(file: url.path, problem: "more than \(Vocabulary.maximumID) lines")
        }
      }
      return TokenizerFile(vocabularyOnly: .wordPiece(vocabulary))
    }
  }

  /// Reads a `.model` file of SentencePiece.
  ///
  /// - Parameters:
  ///   - names: special tokens that the folder's configuration names.
  ///   - extraIDs: how many tokens `<extra_id_…>` T5 has.
  static func sentencePiece(
    _ url: URL, _ layout: SentencePieceClass, names: [String: String], extraIDs: Int
  ) throws -> TokenizerFile {
    let model = try SentencePieceFile(contentsOf: url)
    guard model.modelType == .unigram else {
      throw TokenizerError.unsupported(
        file: url.path, feature: "a SentencePiece model of the type \(model.modelType)")
    }
    var file = TokenizerFile(
      vocabularyOnly: .unigram(layout.vocabulary(model, names: names, extraIDs: extraIDs)))
    file.pieceTokens = model.pieces.filter { $0.type == .control || $0.type == .userDefined }.map { piece in
      var token = AddedToken(special: piece.text)
      token.special = piece.type == .control
      return token
    }
    if !model.characterMap.isEmpty {
      file.normalizer = [
        "type": "Precompiled",
        "precompiled_charsmap": .string(Data(model.characterMap).base64EncodedString()),
      ]
    }
    return file
  }

  private static func withoutTrailingSpace(_ line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: line[..<UTF8Bytes.spaceStart(line, before: line.count)])
  }
}

/// The files of a tokenizer.
enum FileBytes {
  /// No tokenizer file is near this; it keeps offsets in 32 bits.
  private static let maximumSize = 1 << 30

  /// Calls `body` with the bytes of a file.
  ///
  /// - Throws: `SystemError` or `FileError` for a file that can't be read, and what `body` throws.
  static func read<Result>(
    _ url: URL, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let file = try MappedFile(at: url)
    try file.requireMemory(of: 8)
    guard file.count <= maximumSize else {
      throw FileError(url.path, "\(file.count) bytes are more than a tokenizer file has")
    }
    return try file.withUnsafeBytes(0..<file.count, body)
  }

  /// Calls `body` with a cursor at the start of a JSON file, all of which it must read.
  static func readJSON<Result>(
    _ url: URL, _ body: (inout JSONCursor) throws(JSONFault) -> Result
  ) throws -> Result {
    try read(url) { bytes in
      do throws(JSONFault) {
        var cursor = JSONCursor(bytes)
        let result = try body(&cursor)
        try cursor.expectEnd()
        return result
      } catch {
        let (line, column) = error.lineAndColumn(in: bytes)
        let problem =
          error.isMismatch && !error.path.isEmpty ? "\(error.path): \(error.problem)" : error.problem
        throw TokenizerError.invalid(file: url.path, problem: "\(problem) at line \(line), column \(column)")
      }
    }
  }

  /// A whole JSON document.
  static func json(_ url: URL) throws -> JSONValue {
    try readJSON(url) { (cursor) throws(JSONFault) in try cursor.value() }
  }

  /// Whether there is a file, not a folder, at `url`.
  static func exists(_ url: URL) -> Bool {
    FileSystem.exists(url) && !FileSystem.isFolder(url)
  }
}
