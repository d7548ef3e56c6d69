import Dispatch
import Synchronization
import VignetteImages

/// Images that are read and decoded on another thread while the model is busy with the batch before.
final class PendingBatch: Sendable {
  private let results = Mutex<[Result<RGBImage, any Error>]>([])
  private let done = DispatchSemaphore(value: 0)

  init(_ images: [ImageSource], maximumPixels: Int) {
    DispatchQueue.global(qos: .userInitiated).async { [self] in
      let loaded = images.map { image in Result { try image.load(maximumPixels: maximumPixels) } }
      results.withLock { $0 = loaded }
      done.signal()
    }
  }

  /// The images, or why one couldn't be read. To be called once.
  func wait() -> [Result<RGBImage, any Error>] {
    done.wait()
    return results.withLock { $0 }
  }
}
