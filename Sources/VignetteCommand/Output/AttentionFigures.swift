import Foundation
import Vignette
import VignetteFiles
import VignetteImages

/// The PNG files that show where the model looked: one for one image, or a folder with one for each.
struct AttentionFigures {
  /// By the position of the image.
  private let files: [URL]
  private let images: [NamedImage]
  private let maximumPixels: Int

  /// - Parameters:
  ///   - path: a file, or a folder where it is one or ends with a slash.
  ///   - images: those that are captioned.
  /// - Throws: `SettingError` where several images would go to one file, or one in place of an image; what the file system
  ///   says.
  init(_ path: String, _ images: [NamedImage], maximumPixels: Int) throws {
    self.images = images
    self.maximumPixels = maximumPixels
    let url = FileName.url(path)
    guard path.hasSuffix("/") || FileSystem.isFolder(url) else {
      guard images.count <= 1 else {
        throw SettingError(
          "attention", "needs a folder for \(images.count) images: end its name with a slash, as in \(path)/")
      }
      files = [url]
      try requireNoImage()
      return
    }
    try FolderMaker.make(url)
    files = Self.names(images).map { url.appendingPathComponent($0) }
    try requireNoImage()
  }

  /// Checks that no figure takes an image's place.
  private func requireNoImage() throws {
    func resolved(_ url: URL) -> String { FileSystem.resolvingLinks(url.standardizedFileURL).path }
    let originals = Set(images.map { resolved(FileName.url($0.name)) })
    guard let taken = files.first(where: { originals.contains(resolved($0)) }) else { return }
    throw SettingError("attention", "would write over the image \(FileName.printed(taken.path))")
  }

  /// The images' own names, those that come again with a number.
  private static func names(_ images: [NamedImage]) -> [String] {
    var taken: Set<String> = []
    return images.map { image in
      let file = FileName.parts(image.name).last ?? image.name
      let stem = file == "-" ? "stdin" : file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
      let base = stem.isEmpty ? file : stem
      let name = (1...).lazy.map { $0 == 1 ? base : "\(base)-\($0)" }.first { !taken.contains($0) } ?? base
      taken.insert(name)
      return "\(name).png"
    }
  }

  /// Draws the best caption of an image.
  ///
  /// - Throws: what the file system says; `ImageError`.
  func write(_ caption: Caption, index: Int) throws {
    guard let attention = caption.attention else { return }
    let image = try images[index].image.load(maximumPixels: maximumPixels)
    let figure = try AttentionFigure.draw(image, caption: caption.text, attention)
    try AtomicFile.write(try PNGEncoder.encode(figure), to: files[index])
  }
}
