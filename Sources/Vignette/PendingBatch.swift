import Dispatch
import Imaging
import Synchronization

/// Pictures that are read and decoded on another thread while the model is busy with the batch before.
final class PendingBatch: Sendable {
  private let results = Mutex<[Result<RGBImage, any Error>]>([])
  private let done = DispatchSemaphore(value: 0)

  init(_ pictures: [Picture], maximumPixels: Int) {
    DispatchQueue.global(qos: .userInitiated).async { [self] in
      let loaded = pictures.map { picture in Result { try picture.load(maximumPixels: maximumPixels) } }
      results.withLock { $0 = loaded }
      done.signal()
    }
  }

  /// The pictures, or why one couldn't be read. To be called once.
  func wait() -> [Result<RGBImage, any Error>] {
    done.wait()
    return results.withLock { $0 }
  }
}
