import Foundation
import Testing
import VignetteTestSupport

/// A few damaged files for each reader, always the same ones; `make fuzz` reads as many as there is time for.
@Suite(.serialized) struct FuzzTests {
  @Test func damagedFilesEndInErrors() throws {
    let folder = try TemporaryFolder()
    let run = try Command.run(
      ["--runs", "80", "--jobs", "2", "--crashes", folder.url.path], program: "VignetteFuzz")
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.split(separator: "\n").count >= 20, "\(run.output)")
  }
}
