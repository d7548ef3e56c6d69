import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

@testable import VignetteLibrary

@Suite struct ImageInputsTests {
  /// The names that a walk finds, below a folder, and what it finds wrong.
  private func found(_ inputs: ImageInputs, below folder: String) throws -> (
    names: [String], problems: [String]
  ) {
    var (names, problems): ([String], [String]) = ([], [])
    var walk = try inputs.walk()
    while let found = try walk.next() {
      switch found {
      case .image(let image, _): names.append(image.name.replacing(folder + "/", with: ""))
      case .problem(let problem): problems.append(problem)
      }
    }
    return (names, problems)
  }

  private func folder(_ names: [String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in names { try folder.write(Data("x".utf8), to: name) }
    return folder
  }

  @Test func foldersAreWalkedInTheOrderOfNames() throws {
    let folder = try folder([
      "b.jpg", "a.png", "c/d.webp", "c/.hidden.png", ".git/e.png", "B.JPG", "notes.txt", "z/y/x.gif", "c.bmp",
    ])
    try FileManager.default.createSymbolicLink(
      at: folder.url.appendingPathComponent("link.jpg"),
      withDestinationURL: folder.url.appendingPathComponent("b.jpg"))
    try FileManager.default.createSymbolicLink(
      at: folder.url.appendingPathComponent("loop"), withDestinationURL: folder.url)
    let path = folder.url.path
    let all = ["B.JPG", "a.png", "b.jpg", "c/d.webp", "c.bmp", "link.jpg", "z/y/x.gif"]
    #expect(try found(ImageInputs([path]), below: path).names == all)
    var inputs = ImageInputs([path])
    inputs.isRecursive = false
    #expect(try found(inputs, below: path).names == all.filter { !$0.contains("/") })
    inputs = ImageInputs([path])
    inputs.included = [GlobPattern("*.{jpg,JPG}"), GlobPattern("c/*")]
    #expect(try found(inputs, below: path).names == ["B.JPG", "b.jpg", "c/d.webp", "link.jpg"])
    inputs.included = []
    inputs.excluded = [GlobPattern("b.*"), GlobPattern("z")]
    #expect(try found(inputs, below: path).names == ["B.JPG", "a.png", "c/d.webp", "c.bmp", "link.jpg"])
  }

  /// What has no image's name may still be one.
  @Test func imagesAreKnownByTheirBytesToo() throws {
    let folder = try folder(["text"])
    try folder.write(Data([0xFF, 0xD8, 0xFF, 0xE0]), to: "photo")
    #expect(try found(ImageInputs([folder.url.path]), below: folder.url.path).names == ["photo"])
  }

  @Test func oneImageHasOneName() throws {
    #expect(ImageWalk.normalized("./a//b/./c.jpg") == "a/b/c.jpg")
    #expect(
      ImageWalk.normalized("/a/") == "/a" && ImageWalk.normalized("./") == "."
        && ImageWalk.normalized("//") == "/")
    // Part of one character to Swift, two names to the system.
    #expect(ImageWalk.normalized("a/\u{301}b") == "a/\u{301}b")
  }

  @Test func whatIsWrongIsSaid() throws {
    let folder = try folder(["empty/notes.txt", "full/a.png"])
    let path = folder.url.path
    let result = try found(ImageInputs(["\(path)/empty", "\(path)/full", "\(path)/none.jpg"]), below: path)
    #expect(result.problems == ["no images in \(path)/empty"] && result.names == ["full/a.png", "none.jpg"])
  }

  @Test func listsAreRead() throws {
    let folder = try folder(["a.png", "b\nc.png", "d/e.png"])
    let path = folder.url.path
    let lines = try folder.write(Data("\(path)/a.png\r\n\n\(path)/d\n\(path)/none.png".utf8), to: "list")
    var inputs = ImageInputs([])
    inputs.list = NameList(path: lines.path, hasZeros: false)
    #expect(try found(inputs, below: path).names == ["a.png", "d/e.png", "none.png"])
    let zeros = try folder.write(Data("\(path)/b\nc.png\0\(path)/a.png\0".utf8), to: "zeros")
    inputs.list = NameList(path: zeros.path, hasZeros: true)
    #expect(try found(inputs, below: path).names == ["b\nc.png", "a.png"])
    inputs.list = NameList(path: zeros.path, hasZeros: false)
    let error = #expect(throws: FileError.self) { try found(inputs, below: path) }
    #expect(error?.description.contains("say so with `null`") == true)
    inputs.list = NameList(path: "\(path)/nowhere", hasZeros: false)
    #expect(throws: SystemError.self) { try found(inputs, below: path) }
  }

  /// Every image is in one part, and new ones move no others.
  @Test func partsMakeTheWhole() throws {
    let names = (0..<200).map { "photos/\($0).jpg" }
    for count in [1, 3, 8] {
      let parts = try (1...count).map { number in
        let shard = try #require(Shard(number: number, of: count))
        return names.filter { shard.contains($0) }
      }
      #expect(parts.flatMap(\.self).sorted() == names.sorted())
      #expect(parts.allSatisfy { $0.count > 100 / count })
    }
    #expect(
      Shard(number: 0, of: 3) == nil && Shard(number: 4, of: 3) == nil && Shard(number: 1, of: 0) == nil)
  }

  /// However few names are held in memory, they come out sorted.
  @Test(arguments: [1, 2, 7, 100, 1000]) func manyNamesAreSortedOnDisk(limit: Int) throws {
    let folder = try TemporaryFolder()
    var names = (0..<150).map { "\($0 * 7919 % 150) \(String(repeating: "x", count: $0 % 40)).jpg" }
    names += ["a\nb", "é", "e\u{301}", "~", FileName.string([0xFF, 0x61])]
    for name in names { try AtomicFile.write([1], to: folder.url.appendingPathComponent(name)) }
    var list = try FolderNames(of: folder.url.path, limit: limit)
    var found: [[UInt8]] = []
    while let entry = try list.next() { found.append(entry.name) }
    #expect(found == names.map { FileName.bytes($0) }.sorted { $0.lexicographicallyPrecedes($1) })
  }

  @Test(arguments: [
    ("*.jpg", "a.jpg", true), ("*.jpg", "b/a.jpg", true), ("*.jpg", "a.JPG", false),
    ("*.jpg", "a.jpg.png", false),
    ("a/*.jpg", "a/b.jpg", true), ("a/*.jpg", "a/b/c.jpg", false), ("a/**/*.jpg", "a/b/c/d.jpg", true),
    ("a/**/*.jpg", "a/d.jpg", true), ("**/x", "x", true), ("**/x", "a/b/x", true), ("**/x", "a/bx", false),
    ("a/**", "a/b/c", true), ("./a/*", "a/b", true),
    ("?.png", "é.png", true), ("?.png", "ab.png", false), ("[a-c]?", "b1", true), ("[!a-c]?", "b1", false),
    ("[]x]", "]", true), ("[", "[", true), ("\\*", "*", true), ("\\*", "a", false),
    ("{a,b}{1,2}.x", "b2.x", true),
    ("{a,b}{1,2}.x", "c1.x", false), ("{a,{b,c}}", "c", true),
    ("*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
    ("", "", true), ("*", "", true),
  ])
  func patterns(_ pattern: String, _ path: String, _ matches: Bool) {
    #expect(GlobPattern(pattern).matches(path) == matches)
  }
}
