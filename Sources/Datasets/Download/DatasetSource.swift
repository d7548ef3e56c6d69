import Foundation

/// A data set that can be downloaded.
public enum DatasetSource: String, Sendable, CaseIterable {
  case coco2017 = "coco-2017"
  case flickr8k

  /// A zip file of it.
  public struct Archive: Sendable, Equatable {
    public let url: URL
    /// About the size of the zip file; for plans and progress, not for checks.
    public let byteCount: Int
    /// The folder inside the data set's folder that it is unpacked into; empty for the folder itself.
    public let subfolder: String

    public init(url: URL, byteCount: Int, subfolder: String = "") {
      self.url = url
      self.byteCount = byteCount
      self.subfolder = subfolder
    }

    public var name: String { url.lastPathComponent }
  }

  /// The zip files in the order in which they are fetched: annotations, which are small, first.
  ///
  /// COCO's are those of cocodataset.org, which serves them without TLS. The university that made Flickr8k no longer
  /// serves it; the archives are its own, kept by Jason Brownlee.
  public var archives: [Archive] {
    switch self {
    case .coco2017:
      [
        archive("http://images.cocodataset.org/annotations/annotations_trainval2017.zip", 252_907_541),
        archive("http://images.cocodataset.org/annotations/image_info_test2017.zip", 1_100_000),
        archive("http://images.cocodataset.org/zips/val2017.zip", 815_585_330),
        archive("http://images.cocodataset.org/zips/test2017.zip", 6_646_970_404),
        archive("http://images.cocodataset.org/zips/train2017.zip", 19_336_861_798),
      ].compactMap(\.self)
    case .flickr8k:
      [
        archive(
          "https://github.com/jbrownlee/Datasets/releases/download/Flickr8k/Flickr8k_text.zip", 2_340_000,
          "Flickr8k_text"),
        archive(
          "https://github.com/jbrownlee/Datasets/releases/download/Flickr8k/Flickr8k_Dataset.zip",
          1_115_000_000),
      ].compactMap(\.self)
    }
  }

  private func archive(_ url: String, _ byteCount: Int, _ subfolder: String = "") -> Archive? {
    URL(string: url).map { Archive(url: $0, byteCount: byteCount, subfolder: subfolder) }
  }
}
