import Foundation
import Hummingbird
import Metrics
import Vignette

/// `POST /caption` with an image as the body answers with its caption; `GET /health` with "ok".
///
///     swift run -c release CaptionService MODEL-FOLDER 8080
@main
struct CaptionService {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let port = Int(arguments[2]) else {
      FileHandle.standardError.write(Data("usage: CaptionService MODEL PORT\n".utf8))
      exit(64)
    }
    let captioner = try await Captioner(model: arguments[1])
    let router = Router()
    router.get("health") { _, _ in "ok" }
    router.post("caption") { request, _ in
      let body = try await request.body.collect(upTo: 20_000_000)
      let start = ContinuousClock.now
      let caption = try await captioner.caption(.data(Data(buffer: body)))
      Timer(label: "caption_duration").recordNanoseconds(
        Int64((ContinuousClock.now - start) / .nanoseconds(1)))
      return caption.text
    }
    let application = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)))
    try await application.runService()
  }
}
