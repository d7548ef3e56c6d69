package import Foundation
import VignetteFiles
import VignetteMetadata

/// The images of a website that have no alternative text, page by page.
///
/// An image with `alt=""` is decoration, by its author's word, and is none of them; nor is one that isn't a file of the site's.
package struct SiteGaps: Sendable {
  /// An image on a page.
  package struct Gap: Sendable {
    /// Where on the page, from 1.
    package let line: Int
    /// The image file's path from the site's folder; nil where there is none.
    package let image: String?
    /// Why there is none.
    package let problem: String?
  }

  /// A page that has some.
  package struct Page: Sendable {
    /// From the site's folder.
    package let path: String
    package let gaps: [Gap]
    let kind: PageKind
  }

  /// An alternative text, as it was filled in.
  package struct Filled: Sendable {
    package let page: String
    package let line: Int
    package let image: String
    package let text: String
  }

  /// The site's folder.
  package var url: URL { folder.url }
  package let pages: [Page]
  /// Pages that weren't read, with the reason.
  package let unreadPages: [(path: String, reason: String)]
  /// How many pages there are in all.
  package let pageCount: Int
  private let folder: SiteFolder

  /// Larger files are no pages.
  private static let maximumBytes = 64 << 20

  /// Looks through a site's folder.
  ///
  /// - Throws: `SystemError`, `FileError` where the folder can't be read.
  package init(_ url: URL) throws {
    folder = try SiteFolder(url)
    var pages: [Page] = []
    var unread: [(path: String, reason: String)] = []
    let all = try folder.pages()
    for (path, kind) in all {
      do {
        guard let page = SitePage(try Self.bytes(folder.file(path)), kind) else {
          unread.append(
            (path, "is in an encoding that isn't read: UTF-8, UTF-16 and those of one byte a character are"))
          continue
        }
        let gaps = Self.targets(of: page, path, folder).compactMap { $0.gap }
        if !gaps.isEmpty { pages.append(Page(path: path, gaps: gaps, kind: kind)) }
      } catch let error as SystemError {
        unread.append((path, String(cString: strerror(error.code))))
      } catch let error as FileError {
        unread.append((path, error.problem))
      }
    }
    (self.pages, unreadPages, pageCount) = (pages, unread, all.count)
  }

  /// The image files, each once, by their paths from the folder, in the order of the pages.
  package var images: [String] {
    var seen: Set<String> = []
    return pages.flatMap(\.gaps).compactMap(\.image).filter { seen.insert($0).inserted }
  }

  package var gapCount: Int { pages.reduce(0) { $0 + $1.gaps.count } }

  /// An image file.
  package func file(_ image: String) -> URL { folder.file(image) }

  private static func bytes(_ url: URL) throws -> [UInt8] {
    let file = try MappedFile(at: url)
    guard file.count <= maximumBytes else {
      throw FileError(url.path, "has more than \(ByteCount(maximumBytes))")
    }
    return file.withUnsafeBytes(0..<file.count) { Array($0) }
  }

  /// A page's gaps with what they mean; nil for images of other places.
  private static func targets(
    of page: SitePage, _ path: String, _ folder: SiteFolder
  ) -> [(index: Int, gap: Gap?)] {
    page.gaps.enumerated().map { index, gap -> (index: Int, gap: Gap?) in
      switch folder.target(of: gap.source, on: path, base: page.base) {
      case .remote: (index, nil)
      case .file(let image): (index, Gap(line: gap.line, image: image, problem: nil))
      case .missing(let name):
        (index, Gap(line: gap.line, image: nil, problem: "there is no file \(FileName.printed(name))"))
      case .outside(let name):
        (
          index,
          Gap(line: gap.line, image: nil, problem: "\(FileName.printed(name)) is outside the site's folder")
        )
      }
    }
  }

  // MARK: Filling

  /// The difference that texts would make to a page, as `diff -u` shows it, and what they fill.
  ///
  /// - Parameter texts: by the image's path from the folder; images without one stay as they are.
  package func difference(
    _ page: Page, _ texts: [String: String]
  ) throws -> (diff: [UInt8], filled: [Filled]) {
    let stored = try Self.bytes(folder.file(page.path))
    let (new, filled) = try inserting(texts, into: stored, page)
    let (old, changed) = (PageText(stored)?.bytes ?? stored, PageText(new)?.bytes ?? new)
    return (UnifiedDiff(old, changed, name: page.path).bytes, filled)
  }

  /// Writes texts into a page, all or nothing, and changes nothing else in it.
  ///
  /// - Parameter texts: by the image's path from the folder; images without one stay as they are.
  /// - Throws: `SystemError`, `MetadataError` where the page can't be written, or was changed meanwhile.
  package func fill(_ page: Page, _ texts: [String: String]) throws -> [Filled] {
    var result: [Filled] = []
    try FileRewrite.rewrite(folder.file(page.path), maximumBytes: Self.maximumBytes) { stored in
      let (new, filled) = try inserting(texts, into: stored, page)
      result = filled
      return new
    }
    return result
  }

  /// A page is read again: it may have been changed while its images were captioned.
  private func inserting(
    _ texts: [String: String], into stored: [UInt8], _ page: Page
  ) throws -> ([UInt8], [Filled]) {
    guard let parsed = SitePage(stored, page.kind) else { return (stored, []) }
    var inserted: [Int: String] = [:]
    var filled: [Filled] = []
    for (index, gap) in Self.targets(of: parsed, page.path, folder) {
      guard let gap, let image = gap.image, let text = texts[image], !text.allSatisfy(\.isWhitespace) else {
        continue
      }
      inserted[index] = text
      filled.append(Filled(page: page.path, line: gap.line, image: image, text: text))
    }
    return (inserted.isEmpty ? stored : parsed.filled(inserted), filled)
  }
}
