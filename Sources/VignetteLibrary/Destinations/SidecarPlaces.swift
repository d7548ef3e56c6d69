package import Foundation
import VignetteFiles
package import VignetteMetadata

/// Where the sidecars of a job's images are.
package struct SidecarPlaces: Sendable {
  private let folder: SidecarFolder
  let naming: SidecarNaming
  /// The folders that the job was given.
  private let roots: [String]

  /// - Parameters:
  ///   - folder: nil for the images' own folders.
  ///   - roots: the folders and files that the job was given, as they were given.
  package init(folder: URL?, naming: SidecarNaming, roots: [String]) {
    self.folder = folder.map { .mirrored($0) } ?? .beside
    self.naming = naming
    self.roots = roots.filter { FileSystem.isFolder(FileName.url($0)) }
  }

  /// The image as a file, and the folder of its sidecar.
  ///
  /// - Throws: `ImageFailure` for one that has no place of its own.
  func place(of image: LibraryImage) throws -> (image: URL, folder: URL) {
    switch (folder, image.file) {
    case (.beside, nil): throw ImageFailure("is in an archive, beside which there is no room for a sidecar")
    case (_, let found):
      let file = found ?? URL(fileURLWithPath: "/\(image.name)")
      return (file, folder.folder(of: file, named: relativeName(image.name)))
    }
  }

  /// An image's name from the folder that was given; behind that one's name, where there are several.
  private func relativeName(_ name: String) -> String {
    for root in roots {
      let start = root.hasSuffix("/") ? root : root + "/"
      guard name.hasPrefix(start) else { continue }
      let rest = String(name.dropFirst(start.count))
      return roots.count > 1 ? "\(FileName.url(root).lastPathComponent)/\(rest)" : rest
    }
    return FileName.parts(name).last ?? name
  }

  /// Checks the folders that are known before the first image.
  func prepare() throws {
    switch folder {
    case .mirrored(let folder):
      try FolderMaker.make(folder)
      try DestinationFailure.requireWritable(folder)
    case .beside:
      for root in roots { try DestinationFailure.requireWritable(FileName.url(root, isFolder: true)) }
    }
  }
}
