/// Hears how an engine's requests fare, for measures. It is called from any thread, and must not wait.
package protocol EngineObserver: Sendable {
  /// - Parameters:
  ///   - waiting: requests that wait for the model.
  ///   - running: requests of the batch that is computed.
  func engineHas(waiting: Int, running: Int)

  /// A batch is about to be computed.
  ///
  /// - Parameter waits: how long each of its requests has waited.
  func engineBegins(batchOf imageCount: Int, waits: [Duration])
}
