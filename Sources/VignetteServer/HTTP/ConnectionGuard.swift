#if Network
  import HTTPTypes
  import NIOCore
  import NIOHTTPTypes
  import Synchronization

  /// What a request's handler can know of its connection: whether the client is still there.
  final class ConnectionState: Sendable {
    private struct State {
      var isGone = false
      var nextID = 0
      var handlers: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    /// Calls `handler` once when the client goes, at once where it has gone; until the token is given back.
    func onDeparture(_ handler: @escaping @Sendable () -> Void) -> Int {
      let id: Int? = state.withLock { state in
        guard !state.isGone else { return nil }
        state.nextID += 1
        state.handlers[state.nextID] = handler
        return state.nextID
      }
      if id == nil { handler() }
      return id ?? 0
    }

    func forget(_ id: Int) { state.withLock { $0.handlers[id] = nil } }

    func clientHasGone() {
      let handlers = state.withLock { state in
        defer { state.handlers = [:] }
        state.isGone = true
        return Array(state.handlers.values)
      }
      for handler in handlers { handler() }
    }
  }

  /// Stands in a connection's pipeline and keeps slow, silent and vanished clients from holding anything.
  ///
  /// A request's head must come within a time; the body's time is its reader's business. A response that is written
  /// before its request has come whole says `Connection: close`; what still comes is then thrown away for a moment, so that
  /// the client gets to read the response, and the connection ends.
  final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    let state = ConnectionState()
    private let headTimeout: TimeAmount
    private let bodyLimit: Int
    private var headDeadline: Scheduled<Void>?
    private var isReading = false
    private var isDiscarding = false
    private var hasHadRequest = false

    /// How long a client whose request isn't wanted may go on sending.
    private static let lingering = TimeAmount.seconds(2)

    init(_ limits: ServerLimits) {
      headTimeout = TimeAmount(limits.headTimeout)
      bodyLimit = limits.bodyBytes
    }

    func handlerAdded(context: ChannelHandlerContext) {
      if context.channel.isActive { awaitHead(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { headDeadline?.cancel() }

    func channelActive(context: ChannelHandlerContext) {
      awaitHead(context)
      context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
      headDeadline?.cancel()
      state.clientHasGone()
      context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard !isDiscarding else { return }
      switch unwrapInboundIn(data) {
      case .head(let head):
        headDeadline?.cancel()
        (isReading, hasHadRequest) = (true, true)
        if head.headerFields[.expect]?.lowercased() == "100-continue",
          head.headerFields[.contentLength].flatMap({ Int($0) }) ?? 0 <= bodyLimit
        {
          welcome(context)
        }
      case .body: break
      case .end: isReading = false
      }
      context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
      context.fireChannelReadComplete()
      if isDiscarding { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if let event = event as? ChannelEvent, event == .inputClosed { state.clientHasGone() }
      context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
      switch unwrapOutboundIn(data) {
      case .head(var head) where isReading && head.status.kind != .informational:
        head.headerFields[.connection] = "close"
        context.write(wrapOutboundOut(.head(head)), promise: promise)
      case .end where isReading:
        isDiscarding = true
        context.writeAndFlush(data, promise: promise)
        linger(context)
      default: context.write(data, promise: promise)
      }
    }

    /// A client that asks before it sends a large body needn't wait.
    private func welcome(_ context: ChannelHandlerContext) {
      context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }

    private func awaitHead(_ context: ChannelHandlerContext) {
      guard headDeadline == nil else { return }
      let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      headDeadline = context.eventLoop.scheduleTask(in: headTimeout) {
        let (guardian, context) = loopBound.value
        guardian.headIsLate(context)
      }
    }

    private func headIsLate(_ context: ChannelHandlerContext) {
      guard !hasHadRequest else { return }
      isDiscarding = true
      let head = HTTPResponse(
        status: .requestTimeout, headerFields: [.connection: "close", .contentLength: "0"])
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      linger(context)
    }

    private func linger(_ context: ChannelHandlerContext) {
      let channel = context.channel
      channel.close(mode: .output, promise: nil)
      context.read()
      channel.eventLoop.scheduleTask(in: Self.lingering) { channel.close(mode: .all, promise: nil) }
    }
  }

  @available(*, unavailable)
  extension ConnectionGuard: Sendable {}
#endif
