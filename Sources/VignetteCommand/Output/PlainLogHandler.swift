import Logging

/// The library's warnings as lines on standard error, as the command's own are.
struct PlainLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.notice

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { StandardError.print(FlagSpelling.spelled("vignette: \(event.message)")) }
}
