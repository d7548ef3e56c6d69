import VignetteHub
import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

/// What the environment says of a hub, as `huggingface_hub` reads it.
@Suite struct HubSettingsTests {
  @Test(arguments: [
    ([:], "https://huggingface.co"), (["HF_ENDPOINT": ""], "https://huggingface.co"),
    (["HF_ENDPOINT": "https://mirror.example/"], "https://mirror.example"),
    (["HF_ENDPOINT": "http://127.0.0.1:8000/hub//"], "http://127.0.0.1:8000/hub"),
  ])
  func theHubIsWhereTheEnvironmentSays(variables: [String: String], endpoint: String) throws {
    let environment = variables.merging(["HF_HOME": "/nowhere"]) { first, _ in first }
    #expect(try HubSettings(environment: environment).endpoint.absoluteString == endpoint)
  }

  @Test(arguments: ["huggingface.co", "ftp://huggingface.co", "https://", "file:///x"])
  func noOtherAddressIsAHub(text: String) {
    let error = #expect(throws: HubError.self) {
      try HubSettings(environment: ["HF_ENDPOINT": text, "HF_HOME": "/nowhere"])
    }
    #expect(error.map { "\($0)".hasPrefix("HF_ENDPOINT must be an http or https address") } == true)
  }

  @Test(arguments: [
    ("1", true), ("true", true), ("ON", true), ("yes", true), ("0", false), ("", false), ("off", false),
  ])
  func offlineIsAsked(text: String, expected: Bool) throws {
    for name in ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"] {
      #expect(try HubSettings(environment: [name: text, "HF_HOME": "/nowhere"]).isOffline == expected)
    }
  }

  @Test func tokensComeFromVariablesThenFiles() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(" hf_file\n".utf8), to: "token")
    let other = try folder.write(Data("hf_other".utf8), to: "other")
    var environment = ["HF_HOME": folder.url.path]
    func token() throws -> String? { try HubSettings(environment: environment).token }
    #expect(try token() == "hf_file")
    environment["HF_TOKEN_PATH"] = other.path
    #expect(try token() == "hf_other")
    environment["HF_TOKEN"] = "hf_variable\r\n"
    #expect(try token() == "hf_variable")
    environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1"
    #expect(try token() == nil)
  }

  /// What would end a header's line, or isn't text, is refused without being shown.
  @Test func oddTokensAreRefused() {
    for token in ["a\nX-Evil: 1", "a b", "ö"] {
      let error = #expect(throws: HubError.self) {
        try HubSettings(environment: ["HF_TOKEN": token, "HF_HOME": "/nowhere"])
      }
      #expect(error.map { "\($0)".hasPrefix("HF_TOKEN ") && !"\($0)".contains(token) } == true)
    }
  }
}

/// Which requests go through a proxy.
@Suite struct ProxySettingsTests {
  private func host(_ address: String, _ environment: [String: String]) throws -> String? {
    let url = try #require(URL(string: address))
    return try ProxySettings(environment: environment).proxy(for: url).map { "\($0.host):\($0.port)" }
  }

  @Test(
    arguments: [
      ("https://huggingface.co/x", [:], nil),
      ("https://huggingface.co/x", ["https_proxy": "http://p:3128"], "p:3128"),
      ("https://huggingface.co/x", ["HTTPS_PROXY": "p:3128"], "p:3128"),
      ("http://huggingface.co/x", ["https_proxy": "http://p:3128"], nil),
      ("http://huggingface.co/x", ["http_proxy": "http://p"], "p:80"),
      // A web server's programs get a request's header by this name.
      ("http://huggingface.co/x", ["HTTP_PROXY": "http://p"], nil),
      ("http://huggingface.co/x", ["all_proxy": "socks5://s"], "s:1080"),
      ("https://huggingface.co/x", ["https_proxy": "http://p:1", "no_proxy": "huggingface.co"], nil),
      ("https://cdn.huggingface.co/x", ["https_proxy": "http://p:1", "NO_PROXY": "a, .huggingface.co"], nil),
      ("https://nothuggingface.co/x", ["https_proxy": "http://p:1", "no_proxy": "huggingface.co"], "p:1"),
      ("https://huggingface.co/x", ["https_proxy": "http://p:1", "no_proxy": "*"], nil),
      ("https://127.0.0.1:8000/x", ["https_proxy": "http://p:1"], nil),
      ("https://localhost/x", ["https_proxy": "http://p:1"], nil),
    ] as [(String, [String: String], String?)])
  func proxiesAreThoseOfTheEnvironment(address: String, environment: [String: String], expected: String?)
    throws
  {
    #expect(try host(address, environment) == expected)
  }

  @Test func whatIsNoProxyIsToldWithoutItsPassword() {
    let error = #expect(throws: HubError.self) {
      try ProxySettings(environment: ["https_proxy": "gopher://user:secret@p"])
    }
    #expect(error.map { "\($0)".hasPrefix("https_proxy ") && !"\($0)".contains("secret") } == true)
  }
}
