#if Network
  /// What a stream has sent of a caption, which never goes beyond a text that ends it.
  struct SentText: Sendable {
    private let stops: [String]
    private var all = ""
    private(set) var sent = ""

    init(stops: [String]) { self.stops = stops }

    /// - Returns: what can be sent now: what comes before the stop texts, and can't be the beginning of one.
    mutating func add(_ text: String) -> String {
      all += text
      guard !stops.isEmpty else { return send(all) }
      let cut = StopCut.cut(all, before: stops)
      guard cut == all else { return send(cut) }
      let heldBack =
        stops.map { stop in
          (0..<stop.count).last { all.hasSuffix(stop.prefix($0)) } ?? 0
        }.max() ?? 0
      return send(String(all.dropLast(heldBack)))
    }

    /// - Returns: what is missing of the caption.
    mutating func finish(_ caption: String) -> String { send(caption) }

    private mutating func send(_ text: String) -> String {
      guard text.count > sent.count, text.hasPrefix(sent) else { return "" }
      defer { sent = text }
      return String(text.dropFirst(sent.count))
    }
  }
#endif
