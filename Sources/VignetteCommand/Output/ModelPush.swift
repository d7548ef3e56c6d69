#if Network
  import Foundation
  import Synchronization
  import VignetteFiles
  import VignetteHub

  /// Pushes a folder to the hub, with a bar, and says what has become of it.
  struct ModelPush: Sendable {
    let folder: URL
    let target: HubModelName
    var isPrivate = false
    var includesAllFiles = false
    var message: String?

    /// - Throws: `HubError`, what the file system refuses.
    func run(_ settings: HubSettings) async throws {
      try await ModelFetch.connected(settings) { hub in
        var push = HubPush(folder, to: target, at: hub)
        push.isPrivate = isPrivate
        push.includesAllFiles = includesAllFiles
        if let message { push.message = message }
        let title = "uploading to \(target.repository)"
        let shown = Shown()
        defer { shown.finish() }
        let outcome = try await push.run { progress in
          switch progress {
          case .reading(let count, let total): shown.show("reading \(folder.relativePath)", count, total)
          case .uploading(let total): shown.begin(title, total)
          case .uploaded(let count): shown.update(to: count)
          }
        }
        shown.finish()
        try report(outcome, hub.page(of: target))
      }
    }

    /// The bar that callbacks share.
    private final class Shown: Sendable {
      private let bar = Mutex<(title: String, bar: TransferProgress)?>(nil)

      func begin(_ title: String, _ total: Int) {
        bar.withLock {
          $0?.bar.finish(leavesLine: false)
          $0 = (title, TransferProgress(title, total))
        }
      }

      func show(_ title: String, _ count: Int, _ total: Int) {
        if bar.withLock({ $0?.title }) != title { begin(title, total) }
        update(to: count)
      }

      func update(to count: Int) { bar.withLock { $0?.bar.update(to: count) } }

      func finish() { bar.withLock { $0?.bar.finish() } }
    }

    private func report(_ outcome: HubPush.Outcome, _ page: String) throws {
      for file in outcome.removed { StandardError.print("\(file): removed, as the folder doesn't have it") }
      if outcome.pushed.isEmpty, outcome.removed.isEmpty {
        StandardError.print("\(target.repository): nothing is new; commit \(outcome.commit)")
      } else {
        let files = Quantity(outcome.pushed.count, "file")
        let rest = outcome.unchanged.isEmpty ? "" : ", \(outcome.unchanged.count) unchanged"
        StandardError.print("\(target.repository): pushed \(files)\(rest); commit \(outcome.commit)")
      }
      try StandardOutput.print(page)
    }
  }
#endif
