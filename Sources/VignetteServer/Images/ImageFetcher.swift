#if Network
  import AsyncHTTPClient
  import Foundation
  import HTTPTypes
  import NIOCore
  import NIOHTTP1
  import NIOPosix
  import VignetteFiles

  /// Fetches images from the public internet, within limits.
  ///
  /// Whoever asks names the address, so it may be meant for the server's own neighbours. A name is therefore looked up once, all
  /// its addresses must be public, and the connection goes to the address that was checked; the same after each
  /// redirect.
  struct ImageFetcher: ImageFetching {
    private let limits: ServerLimits
    private let isAllowed: @Sendable (SocketAddress) -> Bool

    init(
      _ limits: ServerLimits,
      isAllowed: @escaping @Sendable (SocketAddress) -> Bool = NetworkAddress.isPublic
    ) {
      self.limits = limits
      self.isAllowed = isAllowed
    }

    /// Looking up names blocks.
    private static let lookups = WorkerThreads("vignette-names", count: 2)

    func fetch(_ address: String) async throws -> Data {
      let tooSlow = Self.failure("nothing came within \(limits.fetchTimeout.formattedSeconds) seconds")
      return try await withDeadline(limits.fetchTimeout, else: tooSlow) {
        var url = try target(address)
        for _ in 0...limits.fetchRedirects {
          switch try await step(url) {
          case .image(let data): return data
          case .redirect(let location):
            guard let next = URL(string: location, relativeTo: url.url)?.absoluteString else {
              throw Self.failure("it redirects to no web address")
            }
            url = try target(next)
          }
        }
        throw Self.failure("it redirects more than \(limits.fetchRedirects) times")
      }
    }

    private struct Target: Sendable {
      let url: URL
      let host: String
      let port: Int
    }

    private enum Step {
      case image(Data)
      case redirect(String)
    }

    private static func failure(_ reason: String) -> RequestError {
      RequestError(.badRequest, "image_not_fetched", "the image can't be fetched: \(reason)")
    }

    private func target(_ address: String) throws -> Target {
      guard let url = URL(string: address), let scheme = url.scheme?.lowercased(),
        ["http", "https"].contains(scheme), let host = url.host, !host.isEmpty, url.user == nil
      else { throw Self.failure("its address is no plain http or https address") }
      let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
      return Target(url: url, host: name, port: url.port ?? (scheme == "https" ? 443 : 80))
    }

    private func step(_ target: Target) async throws -> Step {
      let address = try await checkedAddress(of: target)
      var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
      configuration.httpVersion = .http1Only
      configuration.timeout = .init(
        connect: TimeAmount(limits.fetchTimeout), read: TimeAmount(limits.fetchTimeout))
      // The connection goes to the address that was checked, whatever the name means a moment later.
      configuration.dnsOverride = [target.host: address]
      do {
        return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
          try await step(target, client)
        }
      } catch let error as RequestError {
        throw error
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        // Errors tell of networks; who asks needn't know.
        throw Self.failure("there is no answer from \(Excerpt(target.host, limit: 100))")
      }
    }

    private func step(_ target: Target, _ client: HTTPClient) async throws -> Step {
      var request = HTTPClientRequest(url: target.url.absoluteString)
      request.headers.add(name: "User-Agent", value: "vignette")
      request.headers.add(name: "Accept", value: "image/*")
      let response = try await client.execute(request, timeout: TimeAmount(limits.fetchTimeout))
      if (300..<400).contains(response.status.code), let location = response.headers.first(name: "Location") {
        return .redirect(location)
      }
      guard response.status == .ok else {
        throw Self.failure("its server answers \(response.status.code)")
      }
      var data = Data()
      for try await part in response.body {
        guard part.readableBytes <= limits.fetchBytes - data.count else {
          throw RequestError(
            .contentTooLarge, "image_too_large",
            "the image is larger than the limit of \(limits.fetchBytes) bytes")
        }
        data.append(contentsOf: part.readableBytesView)
      }
      return .image(data)
    }

    /// - Returns: an address to connect to.
    /// - Throws: where one of the host's addresses isn't public.
    private func checkedAddress(of target: Target) async throws -> String {
      let (host, port) = (target.host, target.port)
      let addresses = try await Self.lookups.run { Self.addresses(of: host, port: port) }
      guard let first = addresses.first?.ipAddress else {
        throw Self.failure("there is no host \(Excerpt(host, limit: 100))")
      }
      guard addresses.allSatisfy(isAllowed) else {
        throw RequestError(
          .badRequest, "address_not_allowed",
          "the image can't be fetched: \(Excerpt(host, limit: 100)) isn't on the public internet")
      }
      return first
    }

    private static func addresses(of host: String, port: Int) -> [SocketAddress] {
      var hints = addrinfo()
      hints.ai_family = AF_UNSPEC
      #if canImport(Glibc)
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
      #else
        hints.ai_socktype = SOCK_STREAM
      #endif
      var list: UnsafeMutablePointer<addrinfo>?
      guard getaddrinfo(host, String(port), &hints, &list) == 0, let list else { return [] }
      defer { freeaddrinfo(list) }
      return sequence(first: list, next: { $0.pointee.ai_next }).compactMap { entry in
        guard let address = entry.pointee.ai_addr else { return nil }
        switch entry.pointee.ai_family {
        case AF_INET:
          return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
        case AF_INET6:
          return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
        default: return nil
        }
      }
    }
  }
#endif
