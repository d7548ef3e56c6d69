/// The name of a model on the Hugging Face hub: `OWNER/NAME`, or `NAME` alone for the oldest models, and maybe
/// `@REVISION`.
public struct HubModelName: Sendable, Equatable {
  /// `OWNER/NAME`.
  public let repository: String
  /// A branch, a tag or a commit.
  public let revision: String

  /// Nil if `text` can't be the name of a model.
  public init?(_ text: String) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    repository = String(parts[0])
    revision = parts.count == 2 ? String(parts[1]) : "main"
    let names = repository.split(separator: "/", omittingEmptySubsequences: false)
    let steps = revision.split(separator: "/", omittingEmptySubsequences: false)
    guard names.count <= 2, names.allSatisfy(Self.isName), steps.allSatisfy(Self.isName),
      // Two names could have one folder otherwise.
      !repository.contains("--")
    else { return nil }
  }

  /// The same model at another revision.
  package func at(_ revision: String) -> HubModelName? { HubModelName("\(repository)@\(revision)") }

  /// The model's folder in the cache.
  var cacheFolder: String {
    "models--" + repository.split(separator: "/").joined(separator: "--")
  }

  private static func isName(_ text: Substring) -> Bool {
    !text.isEmpty && text != "." && text != ".."
      && text.utf8.allSatisfy { byte in
        UnicodeScalar(byte).properties.isAlphabetic && byte < 0x80 || (0x30...0x39).contains(byte)
          || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
      }
  }
}
