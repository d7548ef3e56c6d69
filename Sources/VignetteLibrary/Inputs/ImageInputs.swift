import Foundation
import VignetteFiles
import VignetteImages

/// The images that a job is about: files, all in folders, those in archives and those on a list.
///
/// They are found while the job goes on, never all at once. Their order is that of the arguments, then of the list; in a
/// folder by the bytes of the names, what is in a folder of it standing where that folder's name does; in an archive as they stand there.
package struct ImageInputs: Sendable {
  /// Paths of image files, folders and archives (.tar).
  package var arguments: [String]
  /// A file that lists more of them; `-` for standard input.
  package var list: NameList?
  /// Whether folders in folders are searched.
  package var isRecursive = true
  /// What an image found in a folder must match one of, unless there is none.
  package var included: [GlobPattern] = []
  /// What nothing found in a folder, nor a folder in it, may match.
  package var excluded: [GlobPattern] = []
  /// Which part of the images is meant.
  package var shard: Shard?

  package init(_ arguments: [String]) { self.arguments = arguments }

  /// - Throws: `SystemError` where the list can't be read.
  func walk() throws -> ImageWalk { try ImageWalk(self) }
}

/// What a walk comes upon.
enum FoundImage: Sendable {
  /// - Parameter signature: nil where the system doesn't say: reading will tell why.
  case image(LibraryImage, FileSignature?)
  /// What is wrong with a folder or an archive, in a line.
  case problem(String)
}

/// One of several parts of a library, of about the same size, for as many jobs. An image belongs to a part by its name, so
/// that new ones don't move the others.
package struct Shard: Sendable, Hashable {
  /// From 1.
  package let number: Int
  package let count: Int

  package init?(number: Int, of count: Int) {
    guard count > 0, (1...count).contains(number) else { return nil }
    self.number = number
    self.count = count
  }

  func contains(_ name: String) -> Bool {
    // FNV-1a: the same everywhere and always; its upper bits are the better ones.
    let hash = FileName.bytes(name).reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    return Int((hash >> 32) % UInt64(count)) == number - 1
  }
}

/// Names in a file, one a line or separated by zeros.
package struct NameList: Sendable, Hashable {
  /// `-` for standard input.
  package let path: String
  package let hasZeros: Bool

  package init(path: String, hasZeros: Bool) {
    self.path = path
    self.hasZeros = hasZeros
  }
}

/// Goes through a job's images.
struct ImageWalk {
  private let inputs: ImageInputs
  private var arguments: ArraySlice<String>
  private var list: NameReader?
  /// Folders that are being gone through, the innermost last.
  private var folders: [Folder] = []
  private var archive: TarReader?
  private var found = 0

  private struct Folder {
    let path: String
    /// Its path below the argument, with a `/` behind it; empty for the argument itself.
    let relative: String
    var names: FolderNames
    /// For the argument itself: how many images were found before it.
    let foundBefore: Int?
  }

  fileprivate init(_ inputs: ImageInputs) throws {
    self.inputs = inputs
    arguments = inputs.arguments[...]
    list = try inputs.list.map { try NameReader($0) }
  }

  /// The next image or problem; nil after the last.
  ///
  /// - Throws: `SystemError` where a list can't be read on.
  mutating func next() throws -> FoundImage? {
    while true {
      guard let found = try advance() else { return nil }
      guard let found else { continue }
      if case .image(let image, _) = found {
        self.found += 1
        if let shard = inputs.shard, !shard.contains(image.name) { continue }
      }
      return found
    }
  }

  /// A step: nil at the end, and nil inside for a step that finds nothing.
  private mutating func advance() throws -> FoundImage?? {
    if archive != nil {
      guard let found = archive?.next() else {
        archive = nil
        return .some(nil)
      }
      return found
    }
    if !folders.isEmpty { return .some(nextInFolder()) }
    if let argument = arguments.popFirst() { return .some(open(argument)) }
    if let argument = try list?.next() { return .some(argument.isEmpty ? nil : open(argument)) }
    return nil
  }

  // MARK: Arguments

  private mutating func open(_ argument: String) -> FoundImage? {
    let path = Self.normalized(argument)
    let status = path.isEmpty ? nil : FileSystem.status(of: path)
    let kind = status.map { $0.st_mode & S_IFMT }
    if kind == S_IFDIR { return enter(path, relative: "", foundBefore: found) }
    if kind == S_IFREG, path.lowercased().hasSuffix(".tar") { return openArchive(path) }
    return .image(LibraryImage(file: path), status.map { FileSignature($0) })
  }

  private mutating func openArchive(_ path: String) -> FoundImage? {
    do {
      archive = try TarReader(path)
      return nil
    } catch {
      return .problem("\(error)")
    }
  }

  /// `./a//b/` is `a/b`: one image has one name.
  static func normalized(_ path: String) -> String {
    guard !path.isEmpty else { return path }
    let isAbsolute = path.utf8.first == UInt8(ascii: "/")
    let parts = path.unicodeScalars.split(separator: "/").filter { !$0.elementsEqual(".".unicodeScalars) }
    let joined = parts.map { String(Substring($0)) }.joined(separator: "/")
    if isAbsolute { return "/" + joined }
    return joined.isEmpty ? "." : joined
  }

  // MARK: Folders

  private mutating func enter(_ path: String, relative: String, foundBefore: Int? = nil) -> FoundImage? {
    do {
      folders.append(
        Folder(path: path, relative: relative, names: try FolderNames(of: path), foundBefore: foundBefore))
      return nil
    } catch {
      return .problem("\(error)")
    }
  }

  private mutating func nextInFolder() -> FoundImage? {
    let last = folders.count - 1
    let folder = folders[last]
    let entry: FolderNames.Entry?
    do {
      entry = try folders[last].names.next()
    } catch {
      folders.removeLast()
      return .problem("\(error)")
    }
    guard let entry else {
      folders.removeLast()
      let isEmpty = folder.foundBefore == found
      return isEmpty ? .problem("no images in \(FileName.printed(folder.path))") : nil
    }
    return look(at: entry, in: folder)
  }

  /// Links are followed to files, not to folders, which could lead back. What can't be looked at may be an image: reading it
  /// will tell.
  private mutating func look(at entry: FolderNames.Entry, in folder: Folder) -> FoundImage? {
    let name = FileName.string(entry.name)
    let relative = folder.relative + name
    if inputs.excluded.contains(where: { $0.matches(relative) }) { return nil }
    let path = Self.joined(folder.path, name)
    var type = entry.type
    if type == UInt8(DT_UNKNOWN) {
      switch FileSystem.kind(of: path, followingLinks: false) {
      case S_IFDIR: type = UInt8(DT_DIR)
      case S_IFLNK: type = UInt8(DT_LNK)
      default: type = UInt8(DT_REG)
      }
    }
    if type == UInt8(DT_DIR) {
      return inputs.isRecursive ? enter(path, relative: relative + "/") : nil
    }
    guard type == UInt8(DT_REG) || type == UInt8(DT_LNK) else { return nil }
    guard inputs.included.isEmpty || inputs.included.contains(where: { $0.matches(relative) }) else {
      return nil
    }
    let status = FileSystem.status(of: path)
    if let status, status.st_mode & S_IFMT != S_IFREG { return nil }
    guard ImageFileKind.isImage(named: name) || Self.beginsAsImage(path) else { return nil }
    return .image(LibraryImage(file: path), status.map { FileSignature($0) })
  }

  private static func joined(_ folder: String, _ name: String) -> String {
    if folder == "." { return name }
    return folder == "/" ? "/\(name)" : "\(folder)/\(name)"
  }

  private static func beginsAsImage(_ path: String) -> Bool {
    let descriptor = FileSystem.open(path, O_RDONLY | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var start = [UInt8](repeating: 0, count: ImageFileKind.signatureSize)
    let count = read(descriptor, &start, start.count)
    return count > 0 && ImageFileKind.isImage(startingWith: Array(start[..<count]))
  }
}

/// Reads a list of names as it comes.
private struct NameReader {
  private let file: ListFile
  private let separator: UInt8
  private var buffer: [UInt8] = []
  private var position = 0
  private var isOver = false

  /// Longer names there aren't.
  private static let maximumLength = 1 << 20

  private final class ListFile {
    let descriptor: CInt
    let name: String
    private let isOwn: Bool

    init(_ path: String) throws {
      isOwn = path != "-"
      name = isOwn ? path : "standard input"
      descriptor = isOwn ? FileSystem.open(path, O_RDONLY) : STDIN_FILENO
      guard descriptor >= 0 else { throw SystemError("read", path) }
    }

    deinit { if isOwn { close(descriptor) } }
  }

  init(_ list: NameList) throws {
    file = try ListFile(list.path)
    separator = list.hasZeros ? 0 : UInt8(ascii: "\n")
  }

  mutating func next() throws -> String? {
    while true {
      if let end = buffer[position...].firstIndex(of: separator) {
        defer { position = end + 1 }
        return try name(buffer[position..<end])
      }
      guard !isOver, buffer.count - position < Self.maximumLength else {
        guard !isOver else {
          defer { position = buffer.count }
          return position < buffer.count ? try name(buffer[position...]) : nil
        }
        throw FileError(file.name, "has a name of more than \(ByteCount(Self.maximumLength))")
      }
      try fill()
    }
  }

  private func name(_ bytes: ArraySlice<UInt8>) throws -> String {
    // The system would cut a name off there, and what follows would be lost.
    guard separator == 0 || !bytes.contains(0) else {
      throw FileError(
        file.name, "has names that are separated by zeros, as find -print0 writes them: say so with `null`")
    }
    var bytes = bytes
    // Lists from Windows.
    if separator != 0, bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    return FileName.string(bytes)
  }

  private mutating func fill() throws {
    buffer.removeFirst(position)
    position = 0
    var part = [UInt8](repeating: 0, count: 1 << 16)
    var count: Int
    repeat {
      count = part.withUnsafeMutableBytes { read(file.descriptor, $0.baseAddress, $0.count) }
    } while count < 0 && errno == EINTR
    guard count >= 0 else { throw SystemError("read", file.name) }
    if count == 0 { isOver = true }
    buffer += part[..<count]
  }
}
