package import Foundation
import VignetteFiles
import VignetteImages

/// A page to look through the captions of a library: images, captions and scores, with a filter, and captions that can
/// be edited in place and saved.
///
/// The page needs a browser and nothing from the network. The images on it are small copies in a folder beside it, `NAME_files`. It is
/// written as captions come, so that its size costs no memory here, and appears when the job is done; the browser shows some at a time.
package final class CaptionReport: CaptionSink {
  private let url: URL
  private let title: String
  private let maximumPixels: Int
  private let thumbnails: Thumbnails
  private var file: AtomicFile?
  private var rowCount = 0

  /// - Parameters:
  ///   - url: the page.
  ///   - title: its heading.
  ///   - maximumPixels: of images that are shown.
  package init(at url: URL, title: String, maximumPixels: Int = ImageDecoder.defaultMaximumPixels) {
    self.url = url
    self.title = title
    self.maximumPixels = maximumPixels
    let stem = url.deletingPathExtension().lastPathComponent
    thumbnails = Thumbnails(url: url.deletingLastPathComponent().appendingPathComponent("\(stem)_files"))
  }

  package func prepare() throws {
    TemporaryName.sweepAbandoned(of: url)
    try FolderMaker.make(thumbnails.url)
    let file = try AtomicFile(at: url)
    try file.write(Array(ReportPage.head(title: title).utf8))
    self.file = file
  }

  package func receive(_ record: CaptionRecord) throws {
    if file == nil { try prepare() }
    var row = JSONObject()
    row["n"] = .string(record.image.name)
    if let best = record.captions.first {
      row["c"] = .string(best.text)
      row["s"] = best.score.flatMap { Double("\($0)") }.map { .double($0) }
      let others = record.captions.dropFirst().map(\.text)
      if !others.isEmpty { row["o"] = .array(others.map { .string($0) }) }
    }
    if let failure = record.failure { row["f"] = .string(failure) }
    row["t"] = try thumbnails.path(of: record, maximumPixels: maximumPixels).map { .string($0) }
    row["l"] = record.image.file.map {
      .string(RelativeAddress.of($0, from: url.deletingLastPathComponent()))
    }
    try write(.object(row))
  }

  /// In an element of script, `</script` would end the text.
  private func write(_ row: JSONValue) throws {
    let text = row.text(.plainLine).replacing("<", with: "\\u003c")
    try file?.write(Array("\(rowCount == 0 ? "" : ",")\n\(text)".utf8))
    rowCount += 1
  }

  package func finish() throws {
    if file == nil { try prepare() }
    try file?.write(Array(ReportPage.tail.utf8))
    try file?.commit()
    file = nil
  }
}

/// A file's address on a page.
enum RelativeAddress {
  /// The address of `file` from `folder`, each byte that isn't plain encoded.
  static func of(_ file: URL, from folder: URL) -> String {
    let (target, start) = (parts(file), parts(folder))
    let shared = zip(target, start).prefix { $0 == $1 }.count
    let path = [String](repeating: "..", count: start.count - shared) + target[shared...].map(encoded)
    return path.joined(separator: "/")
  }

  private static func parts(_ url: URL) -> [String] {
    url.standardizedFileURL.path.split(separator: "/").map(String.init)
  }

  private static func encoded(_ name: String) -> String {
    FileName.bytes(name).reduce(into: "") { result, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }
  }
}
