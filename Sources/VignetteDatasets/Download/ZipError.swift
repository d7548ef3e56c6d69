import Foundation

public import VignetteFiles

/// A zip file that can't be unpacked, or must not be.
public struct ZipError: PlainError, Equatable {
  public let path: String
  /// The entry's name, where it is about one.
  public let entry: String?
  public let problem: String

  init(_ path: String, entry: String? = nil, _ problem: String) {
    self.path = path
    self.entry = entry
    self.problem = problem
  }

  public var description: String { "\(path): \(entry.map { "\($0): " } ?? "")\(problem)" }
}
