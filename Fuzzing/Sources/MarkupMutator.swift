/// Changes text by its tags: HTML, XML, and Markdown, whose marks are such characters, too.
struct MarkupMutator {
  private let text: [UInt8]
  /// Where marks begin, and where they end.
  private let edges: [Int]

  private static let pieces = [
    "<", ">", "</", "/>", "<!--", "-->", "--!>", "<!", "<![CDATA[", "]]>", "<?xml ?>", "?>", "<%", "%>", "{{",
    "}}",
    "&", "&amp;", "&#0;", "&#x41;", "&lt;", "\"", "'", "=", " alt", " alt=\"\"", " src=a.png", "\0",
    "\u{FEFF}",
    "\r\n", "\n", "\n\n", "\t", "    ", "> ", "- ", "1. ", "`", "```\n", "~~~\n", "\\", "![](a.png)",
    "![][a]", "](",
    "[a]: a.png\n", "<img src=a.png>", "<img src='a.png'/>", "<base href=\"b/\">", "<script>", "</script>",
    "<pre>",
    "<template>", "<title>", "---\n", "+++\n", "<rdf:li>", "<rdf:Alt>", "<rdf:Description/>",
    " xml:lang=\"x-default\"",
    " rdf:parseType=\"Resource\"", " xmlns:dc=\"x\"", "dc:description", "<rdf:value>", "é", "\u{1F600}",
  ]

  init(_ text: [UInt8]) {
    self.text = text
    let marks = Set("<>&\"'=`![]()\n".utf8)
    let found = text.indices.filter { marks.contains(text[$0]) }
    edges = [0] + found.flatMap { [$0, $0 + 1] } + [text.count]
  }

  func changed(_ mutator: inout Mutator) -> [UInt8] {
    let position = mutator.pick(edges)
    let other = mutator.pick(edges)
    let part = text[min(position, other)..<max(position, other)]
    var result = text
    switch mutator.below(8) {
    case 0...2: result.insert(contentsOf: Array(mutator.pick(Self.pieces).utf8), at: position)
    case 3:
      let count = mutator.pick([2, 40, 400, 4000])
      let piece = mutator.pick(Self.pieces) + mutator.pick(Self.pieces)
      result.insert(contentsOf: Array(String(repeating: piece, count: count).utf8), at: position)
    case 4: result.removeSubrange(part.indices)
    case 5: result.insert(contentsOf: part, at: mutator.pick(edges))
    case 6: result.replaceSubrange(part.indices, with: Array(mutator.pick(Self.pieces).utf8))
    default:
      let next = edges.first { $0 > position } ?? text.count
      result.removeSubrange(position..<next)
    }
    return result
  }

  static func suits(_ name: String) -> Bool {
    [".xmp", ".html", ".md", ".xhtml"].contains { name.hasSuffix($0) }
  }
}

/// The checksums of a tar's headers, without which hardly any change gets past the first.
enum TarChecksums {
  private static let block = 512

  static func mended(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    var start = 0
    while start + block <= bytes.count, bytes[start..<start + block].contains(where: { $0 != 0 }) {
      mend(&bytes[start..<start + block])
      let digits = bytes[(start + 124)..<(start + 135)].prefix { (0x30...0x37).contains($0) }
      let size = digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
      start += block + (size + block - 1) / block * block
    }
    return bytes
  }

  private static func mend(_ header: inout ArraySlice<UInt8>) {
    let field = header.startIndex + 148
    for index in field..<field + 8 { header[index] = 0x20 }
    let digits = Array(String(header.reduce(0) { $0 + Int($1) }, radix: 8).utf8)
    let padded = [UInt8](repeating: 0x30, count: max(0, 6 - digits.count)) + digits + [0]
    for (index, byte) in padded.prefix(8).enumerated() { header[field + index] = byte }
  }
}
