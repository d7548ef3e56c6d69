package import Foundation
import VignetteFiles

/// Archives as WebDataset reads them: for each image a member with its bytes as they are, one `.txt` with its caption and one
/// `.json` with its name, captions and scores, which share a number as their key.
///
/// Archives are written one after the other, `captions-000000.tar`, `captions-000001.tar` …; each appears when it is whole.
/// What was in one that a killed job was writing is written again. Images that failed are left out.
package final class WebDatasetFile: CaptionSink {
  private let folder: URL
  private let names: ShardNames
  private let maximumSize: Int
  /// Hashes of the names of the images that are in archives.
  private var contained: Set<ContentHash> = []
  /// Of those that are in older archives besides, and not to stay there.
  private var replaced: Set<ContentHash> = []
  private var nextKey = 0
  private var nextShard = 0
  /// The archives of earlier runs: those below.
  private var firstNewShard = 0
  private var shard: TarWriter?

  package init(at url: URL, maximumSize: Int) {
    folder = url.deletingLastPathComponent()
    names = ShardNames(url.lastPathComponent)
    self.maximumSize = maximumSize
  }

  // MARK: What is there

  package func prepare() throws {
    let all = try FileName.list(folder.path)
    // What a process that was killed left half-written.
    for name in all where name.hasSuffix(".partial") && names.isPartial(name) {
      try? FileSystem.remove(folder.appendingPathComponent(name))
    }
    let numbers = all.compactMap { names.number(of: $0) }.sorted()
    for number in numbers {
      try forEachSample(number) { sample in
        if let key = Int(sample.key), key < ShardNames.largestNumber { nextKey = max(nextKey, key + 1) }
        if let name = sample.name, !contained.insert(name).inserted { replaced.insert(name) }
      }
    }
    nextShard = (numbers.last ?? -1) + 1
    firstNewShard = nextShard
    // Says at once whether archives can be written here.
    _ = try TarWriter(at: folder.appendingPathComponent(names.name(nextShard)))
  }

  package func existing(_ image: LibraryImage) throws -> ExistingCaption? {
    contained.contains(Self.hash(image.name)) ? .caption("") : nil
  }

  private static func hash(_ name: String) -> ContentHash { ContentHash(FileName.bytes(name)) }

  // MARK: Writing

  package func receive(_ record: CaptionRecord) throws {
    guard let caption = record.captions.first else { return }
    let (bytes, _) = try ImageBytes.read(record.image, maximumPixels: .max / 8)
    guard ContentHash(bytes) == record.contentHash else {
      throw ImageFailure("has changed while it was captioned")
    }
    let name = Self.hash(record.image.name)
    if !contained.insert(name).inserted { replaced.insert(name) }
    var object: JSONObject = ["file": .string(record.image.name)]
    JSONLinesFormat.add(record, to: &object, captionKey: "caption")
    let json = Array(JSONValue.object(object).text(.plainLine).utf8)
    try add(bytes, Self.fileExtension(record.image.name), Array(caption.text.utf8), json)
  }

  private func add(_ image: [UInt8], _ fileExtension: String, _ text: [UInt8], _ json: [UInt8]) throws {
    let size = [image.count, text.count, json.count].reduce(0) { $0 + TarWriter.size(ofMember: $1) }
    if let shard, !shard.isEmpty, shard.count + size > maximumSize { try endShard() }
    if shard == nil {
      shard = try TarWriter(at: folder.appendingPathComponent(names.name(nextShard)))
      nextShard += 1
    }
    let key = Self.digits(nextKey, 9)
    nextKey += 1
    try shard?.add(image, name: "\(key).\(fileExtension)")
    try shard?.add(text, name: "\(key).txt")
    try shard?.add(json, name: "\(key).json")
  }

  private func endShard() throws {
    try shard?.commit()
    shard = nil
  }

  package func finish() throws {
    try endShard()
    guard !replaced.isEmpty else { return }
    // The latest of several stays; those of this run are later than any.
    var seen = replaced.filter { contained.contains($0) && isNew.contains($0) }
    for number in (0..<firstNewShard).reversed()
    where FileSystem.exists(folder.appendingPathComponent(names.name(number))) {
      try dropReplaced(from: number, &seen)
    }
  }

  /// Those of the replaced that this run has written.
  private var isNew: Set<ContentHash> {
    var new: Set<ContentHash> = []
    for number in firstNewShard..<nextShard {
      try? forEachSample(number) { sample in if let name = sample.name { new.insert(name) } }
    }
    return new
  }

  private func dropReplaced(from number: Int, _ seen: inout Set<ContentHash>) throws {
    var dropped: Set<String> = []
    try forEachSample(number) { sample in
      guard let name = sample.name, replaced.contains(name) else { return }
      if !seen.insert(name).inserted { dropped.insert(sample.key) }
    }
    guard !dropped.isEmpty else { return }
    let url = folder.appendingPathComponent(names.name(number))
    let file = try TarWriter(at: url)
    try TarMembers(url.path).forEach { member in
      if !dropped.contains(Self.key(member.name)) { try file.add(try member.bytes(), name: member.name) }
    }
    try file.commit()
  }

  private static func fileExtension(_ name: String) -> String {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return "jpg" }
    let text = name[name.utf8.index(after: dot)...].lowercased()
    let isPlain =
      (1...5).contains(text.utf8.count)
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
    return isPlain && text != "txt" && text != "json" ? text : "jpg"
  }

  static func digits(_ number: Int, _ count: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, count - digits.count)) + digits
  }

  // MARK: Reading

  private struct Sample {
    let key: String
    /// The hash of its image's name; nil where it doesn't say.
    let name: ContentHash?
  }

  private func forEachSample(_ number: Int, _ body: (Sample) -> Void) throws {
    let url = folder.appendingPathComponent(names.name(number))
    try TarMembers(url.path).forEach { member in
      guard member.name.hasSuffix(".json") else { return }
      let object = try JSONValue(parsing: try member.bytes(), file: "\(url.path)/\(member.name)")
      body(Sample(key: Self.key(member.name), name: object["file"]?.asString.map(Self.hash)))
    }
  }

  private static func key(_ member: String) -> String { String(member.prefix { $0 != "." }) }
}

/// How the archives of a data set are called: `captions.tar` stands for `captions-000000.tar` and those that follow, and
/// `%06d` in a name for the number.
struct ShardNames {
  private let start: String
  private let end: String
  private let width: Int

  /// Larger ones in names weren't given here.
  static let largestNumber = 1_000_000_000_000

  init(_ name: String) {
    if let pattern = name.firstMatch(of: /%0?(\d?)d/) {
      start = String(name[..<pattern.range.lowerBound])
      end = String(name[pattern.range.upperBound...])
      width = Int(pattern.1) ?? 1
    } else {
      let stem = name.lowercased().hasSuffix(".tar") ? String(name.dropLast(4)) : name
      (start, end, width) = ("\(stem)-", ".tar", 6)
    }
  }

  func name(_ number: Int) -> String { start + WebDatasetFile.digits(number, width) + end }

  func number(of name: String) -> Int? {
    guard name.hasPrefix(start), name.hasSuffix(end), name.utf8.count > start.utf8.count + end.utf8.count
    else {
      return nil
    }
    let digits = name.dropFirst(start.count).dropLast(end.count)
    guard let number = Int(digits), (0..<Self.largestNumber).contains(number), self.name(number) == name
    else {
      return nil
    }
    return number
  }

  func isPartial(_ name: String) -> Bool { name.hasPrefix("." + start) }
}

/// Writes a tar archive, which appears when it is whole.
final class TarWriter {
  private let file: AtomicFile
  private static let blockSize = 512

  init(at url: URL) throws { file = try AtomicFile(at: url) }

  var count: Int { file.count }
  var isEmpty: Bool { file.count == 0 }

  /// What a member of so many bytes takes.
  static func size(ofMember count: Int) -> Int {
    blockSize + (count + blockSize - 1) / blockSize * blockSize
  }

  /// Adds a plain file.
  ///
  /// - Precondition: the name has at most 100 bytes.
  func add(_ bytes: [UInt8], name: String) throws {
    precondition(name.utf8.count <= 100 && bytes.count < 1 << 33, "a member fits a plain header")
    try file.write(Self.header(name, bytes.count))
    try file.write(bytes)
    let rest = bytes.count % Self.blockSize
    if rest > 0 { try file.write([UInt8](repeating: 0, count: Self.blockSize - rest)) }
  }

  func commit() throws {
    try file.write([UInt8](repeating: 0, count: 2 * Self.blockSize))
    try file.commit()
  }

  private static func header(_ name: String, _ size: Int) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: blockSize)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
    }
    func octal(_ number: Int, _ width: Int) -> String {
      let digits = String(number, radix: 8)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    put(name, at: 0)
    put(octal(0o644, 7), at: 100)
    put(octal(0, 7), at: 108)
    put(octal(0, 7), at: 116)
    put(octal(size, 11), at: 124)
    // The same images make the same archive at any time.
    put(octal(0, 11), at: 136)
    put("        ", at: 148)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    put(octal(block.reduce(0) { $0 + Int($1) }, 6), at: 148)
    block[154] = 0
    return block
  }
}
