import Foundation
import VignetteFiles
import VignetteImages

/// Reads a job's images.
enum ImageBytes {
  /// The bytes of an image's file, and how the file looks.
  ///
  /// - Throws: ``ImageFailure``.
  static func read(_ image: LibraryImage, maximumPixels: Int) throws -> ([UInt8], FileSignature) {
    switch image.location {
    case .file: try file(image.name, maximumPixels)
    case .member(let archive, let offset, let count): try member(archive, offset, count)
    }
  }

  private static func file(_ path: String, _ maximumPixels: Int) throws -> ([UInt8], FileSignature) {
    // A pipe without a writer would be waited for.
    let (descriptor, status) = try opened(path)
    defer { close(descriptor) }
    do {
      let bytes = try ImageFile.bytes(from: descriptor, name: path, maximumPixels: maximumPixels)
      return (bytes, FileSignature(status))
    } catch let error as ImageError {
      throw ImageFailure(error.reason)
    }
  }

  private static func member(_ archive: String, _ offset: Int, _ count: Int) throws -> (
    [UInt8], FileSignature
  ) {
    let (descriptor, status) = try opened(archive)
    defer { close(descriptor) }
    do {
      let bytes = try FileBytes.read(descriptor, at: offset, count: count, path: archive)
      guard bytes.count == count else { throw ImageFailure("the archive has become shorter") }
      return (bytes, FileSignature(status).member(at: offset, count: count))
    } catch let error as SystemError {
      throw failure(error.code)
    }
  }

  private static func opened(_ path: String) throws -> (CInt, stat) {
    let descriptor = path.isEmpty ? -1 : FileSystem.open(path, O_RDONLY | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure(path.isEmpty ? ENOENT : errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      defer { close(descriptor) }
      throw failure(errno)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return (descriptor, status)
    case S_IFDIR:
      close(descriptor)
      throw failure(EISDIR)
    default:
      close(descriptor)
      throw ImageFailure("is a pipe or a device, where a file is needed")
    }
  }

  /// What the system refuses, as an image's error says it.
  private static func failure(_ code: CInt) -> ImageFailure {
    switch code {
    case ENOENT: return ImageFailure("there is no such file")
    case EISDIR: return ImageFailure("is a folder, where a file is needed")
    default:
      let text = String(cString: strerror(code))
      return ImageFailure(text.prefix(1).lowercased() + text.dropFirst())
    }
  }
}
