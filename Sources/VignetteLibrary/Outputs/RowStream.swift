package import Foundation
import VignetteFiles

/// Rows that go to a stream, a line at a time, where nothing can be looked up again: standard output, a pipe.
package final class RowStream: CaptionSink {
  private let format: any RowFormat
  private let write: ([UInt8]) throws -> Void

  /// - Parameter write: writes whole lines.
  package init(_ format: any RowFormat, write: @escaping ([UInt8]) throws -> Void) {
    self.format = format
    self.write = write
  }

  /// Writes to a pipe or a device.
  ///
  /// - Throws: `SystemError` where it can't be opened.
  package convenience init(_ format: any RowFormat, toDeviceAt url: URL) throws {
    let device = try Device(url)
    self.init(format) { bytes in try bytes.withUnsafeBytes { try device.write($0) } }
  }

  private final class Device {
    private let path: String
    private let descriptor: CInt

    init(_ url: URL) throws {
      path = url.path
      descriptor = FileSystem.open(path, O_WRONLY)
      guard descriptor >= 0 else { throw SystemError("write", path) }
    }

    deinit { close(descriptor) }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
      try SequentialWrite.write(bytes, to: descriptor, path: path)
    }
  }

  package func prepare() throws {
    if !format.header.isEmpty { try write(format.header) }
  }

  package func receive(_ record: CaptionRecord) throws {
    let key = try format.key(of: record.image)
    if let row = format.row(record, key: key, former: nil) { try write(row) }
  }
}
