#if Network
  import Foundation
  import Metrics
  import Vignette
  import VignetteFiles

  /// What is counted and timed, with the nouns that dashboards of other model servers use.
  final class Measures: EngineObserver {
    let registry = PrometheusRegistry(
      help: [
        "vignette_requests_total": "Requests that were answered, by API and status.",
        "vignette_requests_running": "Requests that are being answered.",
        "vignette_images_waiting": "Images that wait for the model.",
        "vignette_images_running": "Images of the batch that is computed.",
        "vignette_request_duration_seconds": "Time from a request's head to the end of its answer.",
        "vignette_queue_duration_seconds": "Time that an image waited for the model.",
        "vignette_batch_size": "Images of a batch.",
        "vignette_images_total": "Images that were captioned, by model.",
        "vignette_tokens_generated_total": "Tokens of captions, by model.",
        "vignette_model_loaded": "Whether a model is loaded.",
        "vignette_held_bytes": "Bytes of memory that are set aside for requests' bodies.",
        "process_resident_memory_bytes": "Resident memory.",
        "process_open_fds": "Open file descriptors.",
        "process_start_time_seconds": "When the server started, in seconds since 1970.",
      ], buckets: ["vignette_batch_size": [1, 2, 4, 8, 16, 32, 64]])

    private let running: Meter
    private let imagesWaiting: Meter
    private let imagesRunning: Meter
    private let queueDuration: Metrics.Timer
    private let batchSize: Recorder

    init() {
      running = Meter(label: "vignette_requests_running", factory: registry)
      imagesWaiting = Meter(label: "vignette_images_waiting", factory: registry)
      imagesRunning = Meter(label: "vignette_images_running", factory: registry)
      queueDuration = Metrics.Timer(label: "vignette_queue_duration_seconds", factory: registry)
      batchSize = Recorder(label: "vignette_batch_size", aggregate: true, factory: registry)
      Meter(label: "process_start_time_seconds", factory: registry).set(Date().timeIntervalSince1970)
    }

    func requestBegins() { running.increment() }

    func requestEnds(api: String, status: Int, duration: Duration) {
      running.decrement()
      Counter(
        label: "vignette_requests_total", dimensions: [("api", api), ("code", String(status))],
        factory: registry
      ).increment()
      Metrics.Timer(
        label: "vignette_request_duration_seconds", dimensions: [("api", api)], factory: registry
      ).recordNanoseconds(Int64(duration / .nanoseconds(1)))
    }

    func captioned(model: String, tokens: Int) {
      Counter(label: "vignette_images_total", dimensions: [("model", model)], factory: registry).increment()
      Counter(label: "vignette_tokens_generated_total", dimensions: [("model", model)], factory: registry)
        .increment(by: tokens)
    }

    func engineHas(waiting: Int, running: Int) {
      imagesWaiting.set(waiting)
      imagesRunning.set(running)
    }

    func engineBegins(batchOf imageCount: Int, waits: [Duration]) {
      batchSize.record(imageCount)
      for wait in waits { queueDuration.recordNanoseconds(Int64(wait / .nanoseconds(1))) }
    }

    /// The text that Prometheus reads.
    func text(models: [ServedModel], loaded: Set<String>, heldBytes: Int) -> String {
      for model in models {
        Meter(label: "vignette_model_loaded", dimensions: [("model", model.name)], factory: registry).set(
          loaded.contains(model.name) ? 1 : 0)
      }
      Meter(label: "vignette_held_bytes", factory: registry).set(heldBytes)
      if let bytes = Self.residentBytes() {
        Meter(label: "process_resident_memory_bytes", factory: registry).set(bytes)
      }
      if let files = try? FileName.list("/proc/self/fd") {
        Meter(label: "process_open_fds", factory: registry).set(files.count)
      }
      return registry.text()
    }

    private static func residentBytes() -> Int? {
      // A file without a size, which can't be mapped.
      guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
      let fields = text.split(separator: " ")
      guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
      return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
  }
#endif
