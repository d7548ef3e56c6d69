import Foundation
import Testing
import VignetteTestSupport
import VignetteTokenizers

/// Comparisons of a tokenizer with what Transformers made of the same folder.
extension TokenizerCase {
  func checkIDs(_ tokenizer: any Tokenizer) throws {
    let material = try AwkwardLines.material.get()
    let lines = try AwkwardLines.all.get()
    let block = material.block
    #expect(tokenizer.vocabularySize == vocabularySize)
    #expect(tokenizer.modelMaxLength == modelMaxLength)
    let special = [
      "bos": tokenizer.bosTokenID, "eos": tokenizer.eosTokenID, "pad": tokenizer.padTokenID,
      "unk": tokenizer.unknownTokenID, "cls": tokenizer.clsTokenID, "sep": tokenizer.sepTokenID,
      "mask": tokenizer.maskTokenID,
    ]
    #expect(special.compactMapValues { $0 } == specialIds)

    let ids = lines.map { tokenizer.encode($0) }
    for (line, (found, wanted)) in zip(lines, zip(ids, firstIds)) {
      #expect(found == wanted, Comment(rawValue: line.debugDescription))
    }
    #expect(Digest.blocks(ids.map(Digest.bytes), of: block) == self.ids)
    let plain = lines.prefix(1000).map { tokenizer.encode($0, addSpecialTokens: false) }
    #expect(Digest.blocks(plain.map(Digest.bytes), of: block) == plainIds)
  }

  func checkTexts(_ tokenizer: any Tokenizer) throws {
    let material = try AwkwardLines.material.get()
    let ids = try AwkwardLines.all.get().map { tokenizer.encode($0) }

    func digests(skipping: Bool, cleaning: Bool?, _ ids: [[Int]]) -> [String] {
      let texts = ids.map {
        tokenizer.decode($0, skipSpecialTokens: skipping, cleanUpTokenizationSpaces: cleaning)
      }
      return Digest.blocks(texts.map(Digest.bytes), of: material.block)
    }
    #expect(digests(skipping: false, cleaning: false, ids) == decoded)
    #expect(digests(skipping: true, cleaning: nil, ids) == decodedSkipping)
    #expect(digests(skipping: false, cleaning: true, ids) == decodedClean)

    // Random ids make broken UTF-8, and some of them are out of range.
    var generator = AwkwardLines(seed: material.idsSeed)
    let random = (0..<2000).map { _ in
      let count = 1 + generator.below(8)
      return (0..<count).map { _ in generator.below(vocabularySize + 3) }
    }
    #expect(digests(skipping: false, cleaning: nil, random) == decodedRandom)
  }
}
