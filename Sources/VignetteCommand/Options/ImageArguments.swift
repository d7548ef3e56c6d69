import Foundation
import Vignette
import VignetteFiles
import VignetteImages

/// The images that arguments mean: files, folders with all images in them, and `-` for standard input.
///
/// Files are opened only when their turn comes, so that one that can't be doesn't stop the others.
struct ImageArguments {
  private(set) var images: [NamedImage] = []
  /// What is wrong with folders and standard input, a line each.
  private(set) var problems: [String] = []

  /// - Parameter maximumPixels: what an image on standard input may have.
  init(_ arguments: [String], maximumPixels: Int) {
    for argument in arguments {
      if argument == "-" {
        addStandardInput(maximumPixels)
      } else if !argument.isEmpty, FileSystem.isFolder(FileName.url(argument)) {
        add(ImageFolder(argument))
      } else {
        add(file: argument)
      }
    }
  }

  private mutating func addStandardInput(_ maximumPixels: Int) {
    do {
      let bytes = try ImageFile.bytes(from: STDIN_FILENO, name: "-", maximumPixels: maximumPixels)
      images.append(NamedImage(name: "-", image: .data(Data(bytes))))
    } catch {
      problems.append("\(ErrorLine(error))")
    }
  }

  private mutating func add(_ folder: ImageFolder) {
    for file in folder.files { add(file: file) }
    problems += folder.problems
  }

  private mutating func add(file: String) {
    images.append(NamedImage(name: file, image: .file(FileName.url(file))))
  }
}

/// An image as the command line names it.
struct NamedImage {
  let name: String
  let image: ImageSource
}
