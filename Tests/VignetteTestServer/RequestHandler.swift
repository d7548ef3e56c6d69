import Foundation
import NIOCore
import NIOHTTP1

/// A request as it came.
struct ReceivedRequest: Sendable {
  let head: HTTPRequestHead
  var body = Data()
}

/// What a server does with requests.
protocol Responder: Sendable {
  /// What goes wrong with a request, as its head tells.
  func fault(of head: HTTPRequestHead) -> TestServer.Fault?

  func answer(_ request: ReceivedRequest) -> TestServer.Answer

  /// How many bytes a second are sent; nil for all at once.
  var bytesPerSecond: Int? { get }
}

/// Answers the requests of one connection.
final class RequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let responder: any Responder
  private var request: ReceivedRequest?
  private var fault: TestServer.Fault?

  init(_ responder: any Responder) { self.responder = responder }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      request = ReceivedRequest(head: head)
      fault = responder.fault(of: head)
      if case .cutUpload(after: 0)? = fault {
        request = nil
        context.close(promise: nil)
      }
    case .body(let bytes):
      request?.body.append(contentsOf: bytes.readableBytesView)
      if case .cutUpload(let count)? = fault, let arrived = request?.body.count, arrived >= count {
        request = nil
        context.close(promise: nil)
      }
    case .end:
      guard let request else { return }
      self.request = nil
      send(answer(request), to: request.head, context)
    }
  }

  private func answer(_ request: ReceivedRequest) -> TestServer.Answer {
    switch fault {
    case .status(let status): return TestServer.Answer(status: status)
    case .refusal(let status, let headers): return TestServer.Answer(status: status, headers: headers)
    case .redirect(let location): return TestServer.Answer(status: 302, headers: ["Location": location])
    default: break
    }
    var answer = responder.answer(request)
    switch fault {
    case .damage: if let first = answer.body.indices.first { answer.body[first] ^= 0xFF }
    case .shorten(let count): answer.body = answer.body.dropLast(count)
    // The answer is made, so what was asked for is done.
    case .silence: answer.body = Data()
    default: break
    }
    return answer
  }

  private func send(
    _ answer: TestServer.Answer, to request: HTTPRequestHead, _ context: ChannelHandlerContext
  ) {
    var sent = answer.body
    switch fault {
    case .stall(after: 0): return
    case .silence: return context.close(promise: nil)
    case .cut(let count), .stall(let count): sent = answer.body.prefix(count)
    default: break
    }
    var headers = HTTPHeaders(answer.headers.map { ($0.key, $0.value) })
    headers.replaceOrAdd(name: "Content-Length", value: "\(answer.length ?? answer.body.count)")
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    guard request.method != .HEAD else {
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      return
    }
    sendBody(Array(sent)[...], NIOLoopBound(context, eventLoop: context.eventLoop), fault)
  }

  /// Sends the body, in pieces where it is to take its time, and what follows it.
  private func sendBody(
    _ rest: ArraySlice<UInt8>, _ context: NIOLoopBound<ChannelHandlerContext>, _ fault: TestServer.Fault?
  ) {
    let pieces = 50
    let count = responder.bytesPerSecond.map { max(1, $0 / pieces) } ?? rest.count
    let piece = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: rest.prefix(count))))
    let left = rest.dropFirst(count)
    guard left.isEmpty else {
      context.value.writeAndFlush(wrapOutboundOut(piece), promise: nil)
      let handler = NIOLoopBound(self, eventLoop: context.value.eventLoop)
      context.value.eventLoop.scheduleTask(in: .milliseconds(Int64(1000 / pieces))) {
        guard context.value.channel.isActive else { return }
        handler.value.sendBody(left, context, fault)
      }
      return
    }
    switch fault {
    case .cut:
      let channel = context.value.channel
      context.value.writeAndFlush(wrapOutboundOut(piece)).whenComplete { _ in channel.close(promise: nil) }
    case .stall:
      context.value.writeAndFlush(wrapOutboundOut(piece), promise: nil)
    default:
      context.value.write(wrapOutboundOut(piece), promise: nil)
      context.value.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}
