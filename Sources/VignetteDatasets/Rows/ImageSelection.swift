import VignetteFiles

/// Takes out of a table what can't be used, and makes a data set of the rest.
struct ImageSelection {
  private let table: AnnotationTable
  private let keepsEmptyCaptions: Bool
  private var issues: DatasetIssues
  private var skipped: [SkippedImage] = []
  private var isKept: [Bool]
  private var isMissing: [Bool]
  private var captionCounts: [Int]

  /// Drops empty captions, if they aren't to be kept, and images without captions.
  init(_ table: AnnotationTable, keepsEmptyCaptions: Bool) {
    self.table = table
    self.keepsEmptyCaptions = keepsEmptyCaptions
    issues = table.issues
    captionCounts = [Int](repeating: 0, count: table.images.count)
    isKept = [Bool](repeating: true, count: table.images.count)
    isMissing = [Bool](repeating: false, count: table.images.count)
    guard table.hasCaptions else { return }
    for entry in table.entries {
      if isDropped(entry.caption) {
        issues.record(.emptyCaption, "caption \(entry.caption.id) of \(table.images[entry.image].fileName)")
        continue
      }
      captionCounts[entry.image] += 1
      if entry.caption.text.utf8.count > CaptionDataset.longCaptionBytes {
        issues.record(.longCaption, "caption \(entry.caption.id) of \(table.images[entry.image].fileName)")
      }
    }
    for (index, image) in table.images.enumerated() where captionCounts[index] == 0 {
      isKept[index] = false
      issues.record(.imageWithoutCaptions, image.fileName)
    }
  }

  private func isDropped(_ caption: ReferenceCaption) -> Bool {
    !keepsEmptyCaptions && Self.isEmpty(caption)
  }

  private static func isEmpty(_ caption: ReferenceCaption) -> Bool {
    // Most captions begin with a letter; only the others are looked at closely.
    if let first = caption.text.utf8.first, (0x21..<0x80).contains(first) { return false }
    return caption.text.allSatisfy(\.isWhitespace)
  }

  /// Finds out which images' files are missing.
  ///
  /// - Throws: `SystemError` for a folder that can't be listed.
  mutating func lookForFiles() throws {
    var listing = FolderListing()
    for (index, image) in table.images.enumerated() where isKept[index] {
      isMissing[index] = try !listing.contains(image.path)
    }
  }

  /// Keeps the images of `split`, where the data set has no validation split of its own.
  ///
  /// The images whose names have the lowest hashes are validation's, so that another image more or less moves
  /// hardly any other. Those that aren't missing are counted for it; a missing one is of the part that its hash lies in.
  mutating func cut(_ split: DatasetSplit, fraction: Double, seed: UInt64) {
    let candidates = isKept.indices.filter { isKept[$0] }
    let ranked = candidates.map { (Self.hash(table.images[$0].fileName, seed: seed), $0) }.sorted { $0 < $1 }
    // Where all are missing, each part still has its own to name.
    let areAllMissing = candidates.allSatisfy { isMissing[$0] }
    let total = areAllMissing ? candidates.count : candidates.count { !isMissing[$0] }
    // Neither part is left empty while there are two images to share.
    let wanted = min(max(1, Int((Double(total) * fraction).rounded())), total - 1)
    var validationCount = 0
    for (_, index) in ranked {
      let isValidation = validationCount < wanted
      if isValidation, areAllMissing || !isMissing[index] { validationCount += 1 }
      if isValidation != (split == .validation) { isKept[index] = false }
    }
  }

  private static func hash(_ name: String, seed: UInt64) -> UInt64 {
    // FNV-1a, spread by the generator.
    let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    var generator = SeededGenerator(seed: seed, hash)
    return generator.next()
  }

  /// Drops the images whose files are missing.
  ///
  /// - Throws: `DatasetError.badImage` for the first one, if that is asked for.
  mutating func dropMissing(orFail fails: Bool) throws {
    for (index, image) in table.images.enumerated() where isKept[index] && isMissing[index] {
      let reason = "the file is missing"
      if fails { throw DatasetError.badImage(path: image.path, reason: reason) }
      isKept[index] = false
      issues.record(.missingImage, image.fileName)
      skipped.append(SkippedImage(file: image.path, reason: reason, captions: captionCounts[index]))
    }
  }

  /// - Parameter validationFraction: the share of the images that was cut off for validation.
  /// - Throws: `DatasetError.noImages`.
  func dataset(_ options: DatasetOptions, validationFraction: Double?) throws -> CaptionDataset {
    let limit = options.maxSamples ?? .max
    let entries = keptEntries(limit: limit)
    var (images, newIndices) = keptImages(having: entries, limit: limit)
    guard !images.isEmpty else { throw emptiness(options.split) }
    var rows: [CaptionDataset.RowIndices] = []
    if table.hasCaptions {
      rows.reserveCapacity(entries.count)
      for entry in entries {
        let image = Int(newIndices[entry.image])
        rows.append(.init(image: newIndices[entry.image], caption: Int32(images[image].captions.count)))
        images[image].captions.append(entry.caption)
      }
    } else {
      rows = images.indices.map { .init(image: Int32($0), caption: -1) }
    }
    return CaptionDataset(
      kind: options.kind, split: options.split, annotations: table.path, images: images, rowIndices: rows,
      issues: issues, skipped: skipped, validationFraction: validationFraction)
  }

  private func keptEntries(limit: Int) -> [AnnotationTable.Entry] {
    var kept: [AnnotationTable.Entry] = []
    kept.reserveCapacity(min(limit, table.entries.count))
    for entry in table.entries where isKept[entry.image] && !isDropped(entry.caption) {
      guard kept.count < limit else { break }
      kept.append(entry)
    }
    return kept
  }

  /// The images of `entries`, and where each image of the table went.
  private func keptImages(
    having entries: [AnnotationTable.Entry], limit: Int
  ) -> (images: [CaptionedImage], newIndices: [Int32]) {
    var counts = [Int](repeating: 0, count: table.images.count)
    for entry in entries { counts[entry.image] += 1 }
    var images: [CaptionedImage] = []
    var newIndices = [Int32](repeating: -1, count: table.images.count)
    for (index, var image) in table.images.enumerated() where isKept[index] {
      guard table.hasCaptions ? counts[index] > 0 : images.count < limit else { continue }
      newIndices[index] = Int32(images.count)
      image.captions.reserveCapacity(counts[index])
      images.append(image)
    }
    return (images, newIndices)
  }

  private func emptiness(_ split: DatasetSplit) -> DatasetError {
    let reason =
      if let first = skipped.first {
        skipped.count == 1
          ? "its only image file is missing: \(Excerpt(path: first.file))"
          : "all \(skipped.count) image files are missing, \(Excerpt(path: first.file)) for one; are the images unpacked there?"
      } else if table.images.isEmpty {
        "it lists no images"
      } else if captionCounts.allSatisfy({ $0 == 0 }) {
        "none of its \(Quantity(table.images.count, "image")) has captions"
      } else {
        "its images are too few to cut a validation split from\(besidesMissing)"
      }
    return .noImages(split, annotations: table.path, reason: reason)
  }

  /// What is said where missing files have left too few.
  private var besidesMissing: String {
    let count = isMissing.count { $0 }
    return count > 0 ? "; \(Quantity(count, "image file is", "image files are")) missing" : ""
  }
}
