import Foundation
import VignetteFiles
import VignetteImages

/// The images in a tar archive, such as a shard of a WebDataset, found by their names: nothing is unpacked.
struct TarReader {
  private let path: String
  private var members: TarMembers
  private var isOver = false

  /// - Throws: `SystemError`.
  init(_ path: String) throws {
    self.path = path
    members = try TarMembers(path)
  }

  /// The next image, or what is wrong with the archive; nil at the end.
  mutating func next() -> FoundImage? {
    do {
      while !isOver, let member = try members.next() {
        if let found = image(member) { return found }
      }
      return nil
    } catch {
      // What follows a fault can't be found.
      isOver = true
      return .problem("\(error)")
    }
  }

  private func image(_ member: TarMembers.Member) -> FoundImage? {
    let name = member.name
    let parts = name.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false)
    guard let last = parts.last, ImageFileKind.isImage(named: String(Substring(last))) else { return nil }
    // Hidden files, among them what macOS puts beside each image.
    guard last.first != "." else { return nil }
    let isRelative =
      parts.first?.isEmpty == false && !parts.contains { $0.elementsEqual("..".unicodeScalars) }
    guard isRelative, !name.unicodeScalars.contains("\0") else {
      return .problem(
        "\(FileName.printed(path)): \(FileName.printed(name)) is no name for a member; it is left out")
    }
    let image = LibraryImage(
      name: "\(path)/\(ImageWalk.normalized(name))",
      location: .member(archive: path, offset: member.offset, count: member.count))
    return .image(image, members.signature.member(at: member.offset, count: member.count))
  }
}

/// The plain files in a tar archive, in its order. Headers of POSIX (ustar, pax) and GNU tar are read; other kinds of members
/// are skipped.
struct TarMembers {
  /// How the archive looks.
  let signature: FileSignature
  private let path: String
  private let file: OpenFile
  private let size: Int
  private var offset = 0
  private var isOver = false

  private static let blockSize = 512
  /// Of the records that only carry names.
  private static let maximumExtension = 1 << 20

  fileprivate final class OpenFile {
    let descriptor: CInt

    init(_ path: String) throws {
      descriptor = FileSystem.open(path, O_RDONLY)
      guard descriptor >= 0 else { throw SystemError("read", path) }
    }

    deinit { close(descriptor) }
  }

  /// A file in the archive.
  struct Member {
    let name: String
    /// Where its bytes begin in the archive.
    let offset: Int
    let count: Int
    fileprivate let file: OpenFile
    fileprivate let path: String

    func bytes() throws -> [UInt8] {
      try FileBytes.read(file.descriptor, at: offset, count: count, path: path)
    }
  }

  /// - Throws: `SystemError`.
  init(_ path: String) throws {
    self.path = path
    file = try OpenFile(path)
    var status = stat()
    guard fstat(file.descriptor, &status) == 0 else { throw SystemError("read", path) }
    size = Int(status.st_size)
    signature = FileSignature(status)
  }

  /// Calls `body` with each member.
  ///
  /// - Throws: what `body` throws, and what ``next()`` does.
  func forEach(_ body: (Member) throws -> Void) throws {
    var members = self
    while let member = try members.next() { try body(member) }
  }

  /// The next member; nil at the end.
  ///
  /// - Throws: `FileError` where the archive is damaged or cut off, `SystemError`.
  mutating func next() throws -> Member? {
    var extended = Extended()
    while !isOver {
      guard let header = try header() else { return nil }
      offset += Self.blockSize
      let isExtension = ["x", "g", "L", "K"].contains(header.type)
      // What a record before a header says takes precedence.
      let count = isExtension ? header.size : extended.size ?? header.size
      let name = FileName.string(extended.name ?? header.name)
      guard count <= size - offset else {
        throw problem("is cut off: \(FileName.printed(name)) goes on beyond its end")
      }
      let start = offset
      offset += (count + Self.blockSize - 1) / Self.blockSize * Self.blockSize
      switch header.type {
      case "L": extended.name = Array(try read(start, count).prefix { $0 != 0 })
      case "x":
        guard extended.add(try read(start, count)) else {
          throw problem("has a damaged extended header at byte \(start)")
        }
      case "g", "K": break
      case "0", "\0", "7":
        // Folders of the oldest archives.
        guard name.utf8.last != UInt8(ascii: "/") else {
          extended = Extended()
          continue
        }
        return Member(name: name, offset: start, count: count, file: file, path: path)
      default: extended = Extended()
      }
    }
    return nil
  }

  private func problem(_ text: String) -> FileError { FileError(FileName.printed(path), text) }

  private func read(_ start: Int, _ count: Int) throws -> [UInt8] {
    guard count <= Self.maximumExtension else {
      throw problem("has a name of \(ByteCount(count)) at byte \(start)")
    }
    return try FileBytes.read(file.descriptor, at: start, count: count, path: path)
  }

  // MARK: Headers

  private struct Header {
    let name: [UInt8]
    let size: Int
    let type: Character
  }

  /// The header at `offset`; nil at the archive's end.
  private mutating func header() throws -> Header? {
    let block = try FileBytes.read(file.descriptor, at: offset, count: Self.blockSize, path: path)
    if offset == 0, block.starts(with: [0x1F, 0x8B]) {
      throw problem("is compressed; decompress it first (gunzip)")
    }
    if offset == 0, block.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
      throw problem("is compressed; decompress it first (unzstd)")
    }
    guard block.count == Self.blockSize else {
      throw problem(offset == 0 ? "is no tar archive" : "is cut off: it ends without an end mark")
    }
    if block.allSatisfy({ $0 == 0 }) {
      isOver = true
      return nil
    }
    guard Self.hasChecksum(block), let size = Self.number(block[124..<136]) else {
      throw problem(offset == 0 ? "is no tar archive" : "is damaged at byte \(offset): no header is there")
    }
    var name = Self.text(block[0..<100])
    let isPOSIX = block[257..<263].elementsEqual(Array("ustar\0".utf8))
    let prefix = Self.text(block[345..<500])
    if isPOSIX, !prefix.isEmpty { name = prefix + [UInt8(ascii: "/")] + name }
    return Header(name: name, size: size, type: Character(Unicode.Scalar(block[156])))
  }

  private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

  /// Octal digits, or GNU's binary numbers; nil for anything else, and what is negative or larger than any file.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    guard let first = field.first else { return nil }
    if first & 0x80 != 0 {
      guard first == 0x80, field.dropFirst().prefix(4).allSatisfy({ $0 == 0 }) else { return nil }
      let value = field.suffix(7).reduce(0) { $0 << 8 | Int($1) }
      return value < 1 << 52 ? value : nil
    }
    let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
    guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }) else { return nil }
    return digits.reduce(0) { $0 << 3 | Int($1 - UInt8(ascii: "0")) }
  }

  /// The sum of the header's bytes, its own field counted as spaces; some old writers summed signed bytes.
  private static func hasChecksum(_ block: [UInt8]) -> Bool {
    guard let expected = number(block[148..<156]) else { return false }
    var (unsigned, signed) = (0, 0)
    for (index, byte) in block.enumerated() {
      let byte = (148..<156).contains(index) ? 0x20 : byte
      unsigned += Int(byte)
      signed += Int(Int8(bitPattern: byte))
    }
    return expected == unsigned || expected == signed
  }

  /// What records before a member's header say of it.
  private struct Extended {
    var name: [UInt8]?
    var size: Int?

    /// Reads pax records, `LENGTH KEY=VALUE\n`; false where they are none.
    mutating func add(_ records: [UInt8]) -> Bool {
      var rest = records[...]
      while !rest.isEmpty {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...7).contains(digits.count),
          let length = Int(String(decoding: digits, as: UTF8.self)), length > digits.count + 2,
          length <= rest.count, rest[rest.startIndex + digits.count] == UInt8(ascii: " ")
        else { return false }
        let record = rest.prefix(length).dropFirst(digits.count + 1).dropLast()
        rest = rest.dropFirst(length)
        guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else { return false }
        let value = record[record.index(after: equals)...]
        switch String(decoding: record[..<equals], as: UTF8.self) {
        case "path": name = Array(value)
        case "size":
          guard let number = Int(String(decoding: value, as: UTF8.self)), number >= 0 else { return false }
          size = number
        default: break
        }
      }
      return true
    }
  }
}

/// Bytes at positions of an open file.
enum FileBytes {
  /// The bytes at `offset`, fewer than `count` at the file's end.
  ///
  /// - Throws: `SystemError`, also where there is no memory for them.
  static func read(_ descriptor: CInt, at offset: Int, count: Int, path: String) throws -> [UInt8] {
    do { try CheckedMemory.require(count) } catch { throw SystemError("read", path, code: ENOMEM) }
    return try [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      while done < count {
        let read = pread(descriptor, buffer.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
        if read < 0 && errno == EINTR { continue }
        guard read >= 0 else { throw SystemError("read", path) }
        if read == 0 { return }
        done += read
      }
    }
  }
}
