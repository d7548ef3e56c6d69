import Foundation
public import VignetteFiles

/// Why a ``Captioner`` doesn't take a request.
public enum CaptionerError: PlainError, Equatable {
  /// As many requests wait as may, and ``CaptionerOptions/refusesWhenFull`` is set. Later there may be room.
  case busy(capacity: Int)
  /// The bytes of a raw image aren't as many as its size says.
  case rawImage(width: Int, height: Int, byteCount: Int)

  public var description: String {
    switch self {
    case .busy(let capacity): "\(capacity) requests are waiting, and no more may; try again later"
    case .rawImage(let width, let height, let byteCount):
      "an image of \(width) x \(height) pixels in red, green and blue is not \(byteCount) bytes long"
    }
  }
}
