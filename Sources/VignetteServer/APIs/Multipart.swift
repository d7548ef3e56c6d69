#if Network
  import Foundation

  /// A body of several parts (`multipart/form-data`, RFC 7578).
  struct Multipart {
    struct Part {
      let name: String
      let filename: String?
      let content: Data
    }

    let parts: [Part]

    /// The most parts that are read.
    private static let limit = 200

    /// - Throws: `RequestError` where the body isn't as its type says.
    init(_ body: [UInt8], contentType: String) throws(RequestError) {
      guard let boundary = Self.parameter("boundary", of: contentType), !boundary.isEmpty else {
        throw .invalid("the multipart body's Content-Type names no boundary")
      }
      let data = Data(body)
      let delimiter = Data("--\(boundary)".utf8)
      guard var end = data.range(of: delimiter)?.upperBound else {
        throw .invalid("the multipart body doesn't have its boundary")
      }
      var parts: [Part] = []
      let separator = Data("\r\n--\(boundary)".utf8)
      while !data[end...].starts(with: Data("--".utf8)) {
        guard parts.count < Self.limit else { throw .invalid("the multipart body has too many parts") }
        guard let head = data.range(of: Data("\r\n\r\n".utf8), in: end..<data.endIndex),
          let next = data.range(of: separator, in: (head.upperBound - 2)..<data.endIndex)
        else { throw .invalid("the multipart body is cut off") }
        let content = data[head.upperBound..<max(head.upperBound, next.lowerBound)]
        if let part = Self.part(String(decoding: data[end..<head.lowerBound], as: UTF8.self), content) {
          parts.append(part)
        }
        end = next.upperBound
      }
      self.parts = parts
    }

    private static func part(_ head: String, _ content: Data) -> Part? {
      let lines = head.split(whereSeparator: \.isNewline)
      guard let line = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") }),
        let name = parameter("name", of: String(line))
      else { return nil }
      return Part(
        name: name, filename: parameter("filename", of: String(line)), content: Data(content))
    }

    /// A parameter of a header's value, `name="value"` or `name=value`.
    static func parameter(_ name: String, of value: String) -> String? {
      var rest = value[...]
      while let separator = rest.firstIndex(of: ";") {
        rest = rest[rest.index(after: separator)...].drop { $0 == " " || $0 == "\t" }
        guard let equals = rest.firstIndex(of: "=") else { return nil }
        let found = rest[..<equals].trimmingCharacters(in: .whitespaces).lowercased()
        rest = rest[rest.index(after: equals)...]
        let text: String
        if rest.first == "\"" {
          (text, rest) = quoted(rest.dropFirst())
        } else {
          let plain = rest.prefix { $0 != ";" }
          text = plain.trimmingCharacters(in: .whitespaces)
          rest = rest[plain.endIndex...]
        }
        if found == name { return text }
      }
      return nil
    }

    private static func quoted(_ text: Substring) -> (String, Substring) {
      var (result, index) = ("", text.startIndex)
      while index < text.endIndex, text[index] != "\"" {
        // Browsers escape quotes as %22; others with a backslash.
        if text[index] == "\\", text.index(after: index) < text.endIndex,
          "\"\\".contains(text[text.index(after: index)])
        {
          index = text.index(after: index)
        }
        result.append(text[index])
        index = text.index(after: index)
      }
      return (result, index < text.endIndex ? text[text.index(after: index)...] : text[index...])
    }
  }
#endif
