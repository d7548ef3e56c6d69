import Foundation

/// The Swift in README.md, in the pages of the documentation and in documentation comments, compiled and run as it
/// stands there: `VignetteSnippets PAGE`. It works with the files of the folder that it is run in.
@main enum Snippets {
  static func main() async throws {
    let photo = URL(filePath: "photo.jpg")
    switch CommandLine.arguments.dropFirst().first {
    case "readme": try await readme()
    case "getting-started": try await gettingStarted(photo, upload: Data(contentsOf: photo))
    case "training": try await trainingACaptioner()
    case "measuring": try await measuringCaptions()
    case "comments":
      try await commentsOfVignette(folder: URL(filePath: "run"), photo: photo)
      try await commentsOfVignetteTraining(start: URL(filePath: "run"), data: URL(filePath: "shapes"))
    default:
      print("usage: VignetteSnippets readme|getting-started|training|measuring|comments")
      exit(2)
    }
  }
}
