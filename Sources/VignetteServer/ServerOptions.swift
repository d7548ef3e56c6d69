#if Network
  package import Foundation
  package import Vignette

  /// What is served, to whom, and within which limits.
  package struct ServerOptions: Sendable {
    /// The models; the first one answers where a request names none.
    package var models: [ServedModel]
    package var host = "127.0.0.1"
    /// 0 takes any port that is free.
    package var port = 8080
    package var limits = ServerLimits()
    /// How models compute. Its queue is the server's: ``ServerLimits/queueCapacity``.
    package var captioner = CaptionerOptions()
    /// What to do otherwise than checkpoints say where a request asks for nothing.
    package var generation = GenerationOptions()
    /// Whether a client's prompt begins captions, with models that have learned to go on from one.
    package var usesPrompts = false
    /// Whether images may be given as web addresses, which the server then fetches.
    package var allowsURLs = false
    /// Whether they must be on the public internet. Nothing else is safe but in tests.
    package var fetchesFromPublicAddressesAlone = true
    /// What clients must show; nil for none.
    package var apiKey: String?
    /// The web pages whose scripts may ask, as `https://example.org`; `*` for all.
    package var corsOrigins: [String] = []
    package var tls: TLSFiles?
    /// How long a model that nobody asks stays loaded; nil for ever.
    package var keepAlive: Duration? = .seconds(300)
    /// The bytes that loaded models may take together, counted by their weight files; nil for any number. Where another
    /// would take more, those that nobody uses are let go, the one that was asked longest ago first.
    package var modelMemory: Int?
    /// The time between the end of readiness and the end of listening.
    package var drainDelay: Duration = .zero

    package init(models: [ServedModel]) { self.models = models }
  }

  /// A model by the name that clients know it by.
  package struct ServedModel: Sendable, Equatable {
    package let name: String
    /// Its checkpoint folder.
    package let folder: URL

    package init(name: String, folder: URL) {
      self.name = name
      self.folder = folder
    }
  }

  package struct TLSFiles: Sendable {
    /// PEM: the server's certificate first, then those that lead to a known one.
    package let certificate: String
    /// PEM.
    package let key: String

    package init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  package struct ServerLimits: Sendable {
    /// Bytes of a request's body.
    package var bodyBytes = 32 << 20
    /// Images of a request.
    package var images = 16
    /// Beams and captions of an image.
    package var beams = 16
    /// Likeliest tokens that are told in each position.
    package var alternatives = 20
    /// Weights of attention that a request's captions may have: one for each token, layer and part of an image.
    package var attentionWeights = 2_000_000
    /// Images of all requests that wait or are being captioned; more are refused.
    package var queueCapacity = 64
    /// Bytes that all requests may hold together while they are received and read.
    package var heldBytes = 512 << 20
    /// Connections at a time; more wait until one ends.
    package var connections = 1024
    /// Within which a request's head must have come.
    package var headTimeout: Duration = .seconds(10)
    /// Within which its body must have come.
    package var bodyTimeout: Duration = .seconds(30)
    /// Within which a request that has come must be answered.
    package var requestTimeout: Duration = .seconds(120)
    /// After which a connection without requests is closed.
    package var idleTimeout: Duration = .seconds(75)
    /// Bytes, time and redirects of an image that is fetched.
    package var fetchBytes = 20 << 20
    package var fetchTimeout: Duration = .seconds(10)
    package var fetchRedirects = 3

    package init() {}
  }
#endif
