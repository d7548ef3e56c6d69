import Dispatch
import Foundation
import VignetteImages
import VignetteTestSupport
import Testing

/// How image files are read, whatever is in them.
@Suite struct ImageFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func refusal(_ url: URL, maximumPixels: Int = 1) throws -> ImageError {
    try #require(throws: ImageError.self) {
      try ImageDecoder.decode(contentsOf: url, maximumPixels: maximumPixels)
    }
  }

  @Test func whyAFileCantBeReadIsToldInWords() throws {
    let loop = folder.url.appendingPathComponent("loop.png")
    try FileManager.default.createSymbolicLink(atPath: loop.path, withDestinationPath: "loop.png")
    let file = try folder.write(Data(), to: "file")
    for (url, reason) in [
      (folder.url.appendingPathComponent("missing.png"), "there is no such file"),
      (folder.url, "is a folder, where a file is needed"),
      (loop, "too many levels of symbolic links"),
      (file.appendingPathComponent("a.png"), "not a directory"),
    ] {
      let error = try refusal(url)
      #expect(error.reason == reason && error.path == url.path, "\(error)")
    }
  }

  @Test func theErrorNamesTheFileAsItWasGiven() throws {
    let error = try refusal(URL(fileURLWithPath: "nowhere/../missing.png"))
    #expect("\(error)" == "nowhere/../missing.png: there is no such file")
  }

  @Test func aPipeIsReadToItsEnd() throws {
    let png = try #require(ImageCase.all.first { $0.name == "png-2-8" })
    let pipe = folder.url.appendingPathComponent("pipe")
    #expect(mkfifo(pipe.path, 0o600) == 0)
    DispatchQueue.global().async {
      guard let writer = try? FileHandle(forWritingTo: pipe) else { return }
      for half in [png.file.prefix(50), png.file.dropFirst(50)] {
        try? writer.write(contentsOf: half)
        Thread.sleep(forTimeInterval: 0.05)
      }
      try? writer.close()
    }
    #expect(crc32(try ImageDecoder.decode(contentsOf: pipe).pixels) == png.crc32)
  }

  /// Neither a device without an end nor a file that only seems to have contents fills the memory.
  @Test func noMoreIsReadThanAImageCanNeed() throws {
    let file = try folder.write(Data(), to: "large.png")
    let handle = try FileHandle(forWritingTo: file)
    try handle.truncate(atOffset: 1 << 40)
    try handle.close()
    for url in [file, URL(fileURLWithPath: "/dev/zero")] {
      let error = try refusal(url)
      #expect(error.reason.hasPrefix("holds more than 268435464 bytes"), "\(error)")
      #expect(error.reason.contains("`max_image_pixels`"), "\(error)")
    }
    #expect(throws: ImageError.self) { try ImageDecoder.decode(contentsOf: file) }
  }
}
