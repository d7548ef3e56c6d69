import ArgumentParser
import Foundation
import VignetteTestServer

/// A Hugging Face hub that stands in, on 127.0.0.1, until it is killed.
@main
struct TestHub: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a hub that stands in for Hugging Face's, and prints its address.")

  @Option(help: "Repository and the folder whose files it has: OWNER/NAME=FOLDER.")
  var repository: [String] = []

  @Option(help: "Port; a free one if not given.")
  var port = 0

  @Option(help: "Size from which large files are uploaded in parts, which have it.")
  var partSize: Int?

  @Option(help: "Number of bytes that come of each response in a second.")
  var bytesPerSecond: Int?

  func run() throws {
    let server = try HubServer(port: port)
    for argument in repository {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw ValidationError("give --repository OWNER/NAME=FOLDER") }
      server[parts[0]] = try HubRepository(folder: URL(fileURLWithPath: parts[1], isDirectory: true))
    }
    server.change {
      $0.partSize = partSize
      $0.bytesPerSecond = bytesPerSecond
    }
    try FileHandle.standardOutput.write(contentsOf: Data("\(server.url.absoluteString)\n".utf8))
    try server.wait()
  }
}
