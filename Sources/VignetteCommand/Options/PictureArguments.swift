import Foundation
import Vignette

/// The pictures that arguments mean: files, folders with all pictures in them, and `-` for standard input.
///
/// Files are opened only when their turn comes, so that one that can't be doesn't stop the others.
struct PictureArguments {
  private(set) var pictures: [NamedPicture] = []
  /// What is wrong with folders and standard input, a line each.
  private(set) var problems: [String] = []

  /// - Parameter maximumPixels: what a picture on standard input may have.
  init(_ arguments: [String], maximumPixels: Int) {
    for argument in arguments {
      var isFolder: ObjCBool = false
      if argument == "-" {
        addStandardInput(maximumPixels)
      } else if FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder), isFolder.boolValue {
        add(PictureFolder(argument))
      } else {
        add(file: argument)
      }
    }
  }

  private mutating func addStandardInput(_ maximumPixels: Int) {
    do {
      let bytes = try PictureFile.bytes(from: STDIN_FILENO, name: "-", maximumPixels: maximumPixels)
      pictures.append(NamedPicture(name: "-", picture: .data(Data(bytes))))
    } catch {
      problems.append("\(ErrorLine(error))")
    }
  }

  private mutating func add(_ folder: PictureFolder) {
    for file in folder.files { add(file: file) }
    problems += folder.problems
  }

  private mutating func add(file: String) {
    pictures.append(NamedPicture(name: file, picture: .file(URL(fileURLWithPath: file))))
  }
}
