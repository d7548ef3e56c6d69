import VignetteHub
package import Foundation

/// A data set that can be downloaded.
package enum DatasetSource: String, Sendable, CaseIterable {
  case coco2017 = "coco-2017"
  case flickr8k

  /// A zip file of it.
  package struct Archive: Sendable, Equatable {
    package let url: URL
    /// About the size of the zip file; for plans and progress, not for checks.
    package let byteCount: Int
    /// About the size of its contents.
    package let unpackedByteCount: Int
    /// The folder inside the data set's folder that it is unpacked into; empty for the folder itself.
    package let subfolder: String

    /// - Parameter unpackedByteCount: nil for about the size of the zip file, as with images.
    package init(url: URL, byteCount: Int, unpackedByteCount: Int? = nil, subfolder: String = "") {
      self.url = url
      self.byteCount = byteCount
      self.unpackedByteCount = unpackedByteCount ?? byteCount
      self.subfolder = subfolder
    }

    package var name: String { url.lastPathComponent }

    /// What the archive is called when parts of the data set are chosen: its name without `.zip`.
    package var part: String { url.deletingPathExtension().lastPathComponent }

    /// The same file at `mirror`, which serves it under the same name.
    package func from(mirror: URL) -> Archive {
      Archive(
        url: mirror.appendingPathComponent(name), byteCount: byteCount, unpackedByteCount: unpackedByteCount,
        subfolder: subfolder)
    }
  }

  /// The form that the folder has afterwards.
  package var kind: DatasetKind {
    switch self {
    case .coco2017: .coco
    case .flickr8k: .flickr8k
    }
  }

  /// The zip files in the order in which they are fetched: annotations, which are small, first.
  ///
  /// COCO's are those of cocodataset.org, which serves them without TLS. The university that made Flickr8k no longer
  /// serves it; the archives are its own, kept by Jason Brownlee.
  package var archives: [Archive] {
    switch self {
    case .coco2017:
      [
        archive(
          "http://images.cocodataset.org/annotations/annotations_trainval2017.zip", 252_907_541,
          unpacked: 840_000_000),
        archive(
          "http://images.cocodataset.org/annotations/image_info_test2017.zip", 1_100_000, unpacked: 12_000_000
        ),
        archive("http://images.cocodataset.org/zips/val2017.zip", 815_585_330),
        archive("http://images.cocodataset.org/zips/test2017.zip", 6_646_970_404),
        archive("http://images.cocodataset.org/zips/train2017.zip", 19_336_861_798),
      ].compactMap(\.self)
    case .flickr8k:
      [
        archive(
          "https://github.com/jbrownlee/Datasets/releases/download/Flickr8k/Flickr8k_text.zip", 2_340_000,
          unpacked: 12_000_000, into: "Flickr8k_text"),
        archive(
          "https://github.com/jbrownlee/Datasets/releases/download/Flickr8k/Flickr8k_Dataset.zip",
          1_115_000_000),
      ].compactMap(\.self)
    }
  }

  /// The zip files of some parts, in the order of ``archives``.
  ///
  /// - Parameter parts: their ``Archive/part``s; none for all of them.
  /// - Throws: ``DatasetError/unknownPart(_:available:)``.
  package func archives(only parts: [String]) throws -> [Archive] {
    let archives = archives
    if let unknown = parts.first(where: { part in !archives.contains { $0.part == part } }) {
      throw DatasetError.unknownPart(unknown, available: archives.map(\.part))
    }
    return parts.isEmpty ? archives : archives.filter { parts.contains($0.part) }
  }

  private func archive(_ url: String, _ byteCount: Int, unpacked: Int? = nil, into subfolder: String = "")
    -> Archive?
  {
    URL(string: url).map {
      Archive(url: $0, byteCount: byteCount, unpackedByteCount: unpacked, subfolder: subfolder)
    }
  }
}
