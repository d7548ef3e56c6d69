import Foundation
import Vignette

/// A picture as the command line names it.
struct NamedPicture {
  let name: String
  let picture: Picture
}

/// The pictures that arguments mean: files, folders with all pictures in them, and `-` for standard input.
enum PictureArguments {
  /// Endings of the formats that are read, for folders; files given by name are read whatever their ending.
  private static let extensions: Set<String> = [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp", "dib",
  ]

  /// - Throws: ``PictureArgumentError`` for a path that isn't there.
  static func expand(_ arguments: [String]) throws -> [NamedPicture] {
    try arguments.flatMap { argument -> [NamedPicture] in
      if argument == "-" {
        return [NamedPicture(name: "-", picture: .data(FileHandle.standardInput.readDataToEndOfFile()))]
      }
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder) else {
        throw PictureArgumentError(path: argument)
      }
      return (isFolder.boolValue ? files(in: argument) : [argument]).map {
        NamedPicture(name: $0, picture: .file(URL(fileURLWithPath: $0)))
      }
    }
  }

  /// The pictures below a folder, sorted by path, hidden ones left out.
  private static func files(in folder: String) -> [String] {
    let root = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    guard let walk = FileManager.default.enumerator(atPath: folder) else { return [] }
    return walk.compactMap { $0 as? String }
      .filter { path in
        !path.split(separator: "/").contains { $0.hasPrefix(".") }
          && extensions.contains((path as NSString).pathExtension.lowercased())
      }
      .sorted().map { "\(root)/\($0)" }
  }
}

struct PictureArgumentError: Error, CustomStringConvertible {
  let path: String

  var description: String { "\(path): there is no such file or folder" }
}
