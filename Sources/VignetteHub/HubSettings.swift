package import Foundation
import VignetteFiles

/// What `huggingface_hub` reads from the environment: which hub, with which credentials, or none at all.
package struct HubSettings: Sendable {
  /// Where the hub is, without a slash at its end: `HF_ENDPOINT`, else https://huggingface.co.
  package let endpoint: URL
  /// The access token: `HF_TOKEN`, else what the file at `HF_TOKEN_PATH` holds, else `token` in `HF_HOME`.
  package var token: String?
  /// Whether nothing may be fetched: `HF_HUB_OFFLINE`, `TRANSFORMERS_OFFLINE`.
  package let isOffline: Bool

  package static let publicEndpoint = "https://huggingface.co"

  /// - Throws: ``HubError/badSetting(name:problem:)``.
  package init(environment: [String: String] = FileName.environment()) throws {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let address = value("HF_ENDPOINT") ?? Self.publicEndpoint
    guard let url = URL(string: String(address.reversed().drop { $0 == "/" }.reversed())), Origin(url) != nil
    else {
      throw HubError.badSetting(
        name: "HF_ENDPOINT", problem: "must be an http or https address, but is \(Excerpt(address))")
    }
    endpoint = url
    isOffline = Self.isTrue(value("HF_HUB_OFFLINE") ?? value("TRANSFORMERS_OFFLINE"))
    token = try Self.token(environment, value)
  }

  /// The hub at `endpoint`.
  package init(endpoint: URL, token: String? = nil) {
    self.endpoint = endpoint
    self.token = token
    isOffline = false
  }

  private static func token(_ environment: [String: String], _ value: (String) -> String?) throws -> String? {
    if isTrue(environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"]) { return nil }
    if let name = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"].first(where: { value($0) != nil }) {
      return try checked(value(name) ?? "", from: name)
    }
    let expansion = PathExpansion(environment)
    let file =
      value("HF_TOKEN_PATH").map { FileName.url(expansion.expand($0)) }
      ?? expansion.huggingFaceHome.appendingPathComponent("token")
    guard FileSystem.exists(file) else { return nil }
    return try checked(TextFile.read(file), from: file.path)
  }

  /// A token that can stand in a header.
  package static func checked(_ text: String, from source: String) throws -> String? {
    let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      // The token itself is nobody's business.
      throw HubError.badSetting(name: source, problem: "holds no access token: it has spaces or other signs")
    }
    return token.isEmpty ? nil : token
  }

  private static func isTrue(_ text: String?) -> Bool {
    text.map { ["1", "ON", "YES", "TRUE"].contains($0.uppercased()) } ?? false
  }
}
