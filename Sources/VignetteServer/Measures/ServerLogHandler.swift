#if Network
  import Foundation
  package import Logging
  import VignetteFiles

  /// The server's log, a line an event: as text for people, or as JSON for programs.
  package struct ServerLogHandler: LogHandler {
    package enum Format: String, Sendable, CaseIterable { case text, json }

    package var metadata: Logger.Metadata = [:]
    package var logLevel = Logger.Level.info
    private let label: String
    private let format: Format
    private let write: @Sendable (String) -> Void

    /// - Parameter write: takes each line, without its end.
    package init(label: String, _ format: Format, write: @escaping @Sendable (String) -> Void) {
      self.label = label
      self.format = format
      self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
      let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
      switch format {
      case .text:
        let level = event.level >= .warning ? "\(event.level): " : ""
        write(
          level
            + (["\(event.message)"] + fields.map { "\($0)=\(Self.quoted("\($1)"))" }).joined(separator: " "))
      case .json:
        var json: JSONObject = [
          "time": .string(Date().formatted(.iso8601WithFraction)), "level": .string("\(event.level)"),
          "logger": .string(label), "message": .string("\(event.message)"),
        ]
        for (key, value) in fields where json[key] == nil {
          json[key] = Int("\(value)").map { .int($0) } ?? .string("\(value)")
        }
        write(JSONValue.object(json).text(.oneLine))
      }
    }

    private static func quoted(_ text: String) -> String {
      let isPlain =
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }
      return isPlain ? text : JSONValue.string(text).text(.oneLine)
    }
  }
#endif
