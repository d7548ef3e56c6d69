import Foundation

/// How a resized image's pixels are computed from the original's; the raw values are Pillow's numbers, which
/// `preprocessor_config.json` uses.
public enum Resampling: Int, Sendable, CaseIterable {
  case nearest = 0
  case lanczos = 1
  case bilinear = 2
  case bicubic = 3
  case box = 4
  case hamming = 5

  /// How far the filter reaches from its centre, in pixels of the larger scale; nil for nearest, which is no filter.
  var support: Double? {
    switch self {
    case .nearest: nil
    case .box: 0.5
    case .bilinear, .hamming: 1
    case .bicubic: 2
    case .lanczos: 3
    }
  }

  /// The filter's weight at a distance from its centre.
  func weight(at x: Double) -> Double {
    let distance = abs(x)
    switch self {
    case .nearest: return 0
    case .box: return x > -0.5 && x <= 0.5 ? 1 : 0
    case .bilinear: return distance < 1 ? 1 - distance : 0
    case .hamming:
      // The window's constants are single-precision in Pillow.
      guard distance != 0 else { return 1 }
      guard distance < 1 else { return 0 }
      let angle = distance * .pi
      return sin(angle) / angle * (Double(0.54 as Float) + Double(0.46 as Float) * cos(angle))
    case .bicubic:
      let a = -0.5
      if distance < 1 { return ((a + 2) * distance - (a + 3)) * distance * distance + 1 }
      if distance < 2 { return (((distance - 5) * distance + 8) * distance - 4) * a }
      return 0
    case .lanczos: return -3 <= x && x < 3 ? Self.sinc(x) * Self.sinc(x / 3) : 0
    }
  }

  private static func sinc(_ x: Double) -> Double {
    guard x != 0 else { return 1 }
    let angle = x * .pi
    return sin(angle) / angle
  }
}
