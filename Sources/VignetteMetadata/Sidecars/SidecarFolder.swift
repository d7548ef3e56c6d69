package import Foundation
import VignetteFiles

/// Where the files beside images are: in the images' own folders, or in the same folders below another one.
package enum SidecarFolder: Sendable {
  case beside
  /// A folder that mirrors those of the images.
  case mirrored(URL)

  /// The folder for the sidecar of an image.
  ///
  /// - Parameters:
  ///   - image: the image file.
  ///   - name: the image's name as it was found, with the folders from the one that was given.
  package func folder(of image: URL, named name: String) -> URL {
    switch self {
    case .beside: return image.deletingLastPathComponent()
    case .mirrored(let root):
      // A name never leads out of the folder.
      let parts = FileName.parts(name).dropLast().filter { !["", ".", ".."].contains($0) }
      return parts.reduce(root) { $0.appendingPathComponent($1, isDirectory: true) }
    }
  }
}

/// How a file beside an image is named.
package enum SidecarNaming: String, Sendable, CaseIterable {
  /// `photo.jpg.xmp`: as digiKam, darktable and Immich do.
  case full
  /// `photo.xmp`: as Lightroom does.
  case stem

  /// The sidecar's name.
  package func name(of image: String, _ ending: String) -> String {
    switch self {
    case .full: "\(image).\(ending)"
    case .stem: "\(Self.stem(of: image)).\(ending)"
    }
  }

  /// A name without its ending; names that begin with their only dot have none.
  static func stem(of name: String) -> String {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else { return name }
    return String(name[..<dot])
  }

  /// Endings of images that may share a stem.
  private static let imageEndings = [
    "jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif", "heic", "heif", "jxl",
  ]

  /// Another image in the folder whose sidecar would have the same name; nil where there is none.
  static func namesake(of image: URL) -> String? {
    let name = image.lastPathComponent
    let (stem, folder) = (stem(of: name), image.deletingLastPathComponent())
    for ending in imageEndings {
      for spelling in [ending, ending.uppercased()] where "\(stem).\(spelling)" != name {
        let other = "\(stem).\(spelling)"
        if FileSystem.exists(folder.appendingPathComponent(other)), !isSame(folder, name, other) {
          return other
        }
      }
    }
    return nil
  }

  /// Whether two names are one file, where the file system doesn't tell upper from lower case.
  private static func isSame(_ folder: URL, _ one: String, _ other: String) -> Bool {
    let files = [one, other].map { FileSystem.status(of: folder.appendingPathComponent($0).path) }
    guard let first = files[0], let second = files[1] else { return false }
    return first.st_ino == second.st_ino && first.st_dev == second.st_dev
  }
}
