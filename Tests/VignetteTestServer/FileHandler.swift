import Synchronization
import Foundation
import NIOCore
import NIOHTTP1

/// Answers the requests of one connection.
final class FileHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let behaviour: TestServer.Arc

  init(_ behaviour: TestServer.Arc) { self.behaviour = behaviour }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(let head) = unwrapInboundIn(data) else { return }
    send(behaviour.value.withLock { TestServer.answer(head, &$0) }, context)
  }

  private func send(_ answer: TestServer.Answer, _ context: ChannelHandlerContext) {
    var sent = answer.body
    switch answer.fault {
    case .stall(after: 0): return
    case .cut(let count), .stall(let count): sent = answer.body.prefix(count)
    default: break
    }
    var headers = HTTPHeaders(answer.headers.map { ($0.key, $0.value) })
    headers.add(name: "Content-Length", value: "\(answer.body.count)")
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    let body = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: sent)))
    switch answer.fault {
    case .cut:
      let channel = context.channel
      context.writeAndFlush(wrapOutboundOut(body)).whenComplete { _ in channel.close(promise: nil) }
    case .stall:
      context.writeAndFlush(wrapOutboundOut(body), promise: nil)
    default:
      context.write(wrapOutboundOut(body), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}
