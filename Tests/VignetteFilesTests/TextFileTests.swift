import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

@Suite struct TextFileTests {
  /// Some programs begin a text in UTF-8 with a mark that says so.
  @Test(arguments: [
    ([0xEF, 0xBB, 0xBF, 0x61], "a"), ([0x61, 0xEF, 0xBB, 0xBF], "a\u{FEFF}"), ([0xEF, 0xBB, 0xBF], ""),
    ([], ""),
  ])
  func aByteOrderMarkIsNoText(bytes: [UInt8], text: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data(bytes), to: "text")
    #expect(try TextFile.read(file).unicodeScalars.elementsEqual(text.unicodeScalars))
  }

  @Test func whatIsNoFileIsToldApart() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError(folder.url.path, "is a folder, where a file is needed")) {
      try TextFile.read(folder.url)
    }
    let pipe = folder.url.appendingPathComponent("pipe")
    #expect(mkfifo(pipe.path, 0o600) == 0)
    #expect(throws: FileError(pipe.path, "is a pipe or a device, where a file is needed")) {
      try TextFile.read(pipe)
    }
  }
}
