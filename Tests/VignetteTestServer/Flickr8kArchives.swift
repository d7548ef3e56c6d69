public import Foundation
import VignetteCheckpoints
import VignetteFiles
import VignetteTestSupport

/// The two zip files of a very small Flickr8k.
public enum Flickr8kArchives {
  public static let textName = "Flickr8k_text.zip"
  public static let imagesName = "Flickr8k_Dataset.zip"

  /// Makes both, by name.
  public static func make() throws -> [String: Data] {
    let images = try ["cat.jpg", "coffee.jpg"].map { name in
      (name, try Data(contentsOf: Fixture.url("../Examples/Images/\(name)")))
    }
    let captions = images.map { name, _ in "\(name)#0\tA \(name.dropLast(4)) .\n\(name)#1\tOne image .\n"
    }
    return [
      textName: try zip([
        ("Flickr8k.token.txt", Data(captions.joined().utf8)),
        ("Flickr_8k.trainImages.txt", Data("cat.jpg\n".utf8)),
        ("Flickr_8k.devImages.txt", Data("coffee.jpg\n".utf8)),
        ("Flickr_8k.testImages.txt", Data()),
      ]),
      imagesName: try zip(images.map { ("Flicker8k_Dataset/\($0)", $1) }),
    ]
  }

  private static func zip(_ files: [(name: String, contents: Data)]) throws -> Data {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("a.zip")
    let file = try AtomicFile(at: url)
    var writer = ZipWriter(file)
    for (name, contents) in files { try writer.add(name, [UInt8](contents)) }
    try writer.finish()
    try file.commit()
    return try Data(contentsOf: url)
  }
}
