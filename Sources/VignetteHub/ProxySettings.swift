package import Foundation

/// Which requests go through a proxy, as the variables say that curl and Python read: `http_proxy`, `https_proxy`,
/// `all_proxy` and `no_proxy`, in lower or upper case.
///
/// This machine itself is never asked through a proxy.
package struct ProxySettings: Sendable, Equatable {
  package struct Proxy: Sendable, Hashable {
    package let host: String
    package let port: Int
    package let isSOCKS: Bool
    package let user: String?
    package let password: String?
  }

  private var proxies: [String: Proxy] = [:]
  private let exceptions: [String]

  package static let none = ProxySettings()

  private init() { exceptions = [] }

  /// - Throws: ``HubError/badSetting(name:problem:)`` for a proxy that isn't one.
  package init(environment: [String: String]) throws {
    func value(_ name: String) -> (name: String, value: String)? {
      // A web server's CGI programs get a request's `Proxy` header as HTTP_PROXY.
      let names = name == "http_proxy" ? [name] : [name, name.uppercased()]
      return names.lazy.compactMap { name in
        environment[name].flatMap { $0.isEmpty ? nil : (name, $0) }
      }.first
    }
    exceptions = (value("no_proxy")?.value ?? "").split { $0 == "," || $0.isWhitespace }.map { entry in
      let entry = entry.lowercased()
      return entry.hasPrefix(".") ? String(entry.dropFirst()) : entry
    }
    for scheme in ["http", "https"] {
      guard let setting = value("\(scheme)_proxy") ?? value("all_proxy") else { continue }
      proxies[scheme] = try Self.proxy(setting.value, from: setting.name)
    }
  }

  /// All that requests can go through.
  package var all: Set<Proxy> { Set(proxies.values) }

  /// What a request for `url` goes through; nil for the direct way.
  package func proxy(for url: URL) -> Proxy? {
    guard let proxy = proxies[url.scheme?.lowercased() ?? ""], let host = url.host?.lowercased(),
      !Self.isThisMachine(host)
    else { return nil }
    let isException = exceptions.contains { entry in
      let parts = entry.split(separator: ":", maxSplits: 1)
      if entry == "*" || entry == host { return true }
      guard let name = parts.first.map(String.init) else { return false }
      if parts.count == 2, let port = Int(parts[1]), port != url.port { return false }
      return host == name || host.hasSuffix(".\(name)")
    }
    return isException ? nil : proxy
  }

  private static func isThisMachine(_ host: String) -> Bool {
    ["localhost", "::1", "[::1]"].contains(host) || host.wholeMatch(of: /127\.\d+\.\d+\.\d+/) != nil
  }

  private static func proxy(_ text: String, from variable: String) throws -> Proxy {
    let address = text.contains("://") ? text : "http://\(text)"
    let ports = ["http": 80, "socks5": 1080, "socks5h": 1080]
    guard let url = URL(string: address), let scheme = url.scheme?.lowercased(),
      let port = ports[scheme], let host = url.host, !host.isEmpty
    else {
      // It may hold a password.
      throw HubError.badSetting(
        name: variable, problem: "must be the address of a proxy, such as http://proxy.example.org:3128")
    }
    return Proxy(
      host: host, port: url.port ?? port, isSOCKS: scheme != "http", user: url.user, password: url.password)
  }
}
