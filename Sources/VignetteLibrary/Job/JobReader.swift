import VignetteFiles
import VignetteImages

/// Reads a job's images on threads beside the model's, and tells which need the model at all.
struct JobReader: Sendable {
  let processor: ImageProcessor
  let maximumPixels: Int
  /// How long a decoded image's sides must be at least, where it may be decoded smaller.
  let minimumSide: Int?
  let journal: Journal
  let captionKey: ContentHash

  struct Request: Sendable {
    let image: LibraryImage
    /// What the journal has of it, where that still holds if the bytes are the same.
    let prior: JournalEntry?
    /// Whether captions that were there are replaced.
    let retries: Bool
  }

  struct Answer: Sendable {
    let request: Request
    var signature: FileSignature?
    var contentHash: ContentHash?
    var content: Content
  }

  enum Content: Sendable {
    /// The file looks different, but isn't.
    case unchanged(JournalEntry)
    /// The model has seen these bytes before.
    case known([RecordedCaption])
    /// As the processor leaves it.
    case pixels(RGBImage)
    case failure(String)
  }

  /// Blocks the thread.
  func read(_ request: Request) -> Answer {
    var answer = Answer(request: request, content: .failure("it was not read"))
    do {
      let (bytes, signature) = try ImageBytes.read(request.image, maximumPixels: maximumPixels)
      let hash = ContentHash(bytes)
      (answer.signature, answer.contentHash) = (signature, hash)
      if let prior = request.prior, prior.contentHash == hash {
        answer.content = .unchanged(prior)
      } else if let captions = try journal.captions(of: hash, captionKey) {
        answer.content = .known(captions)
      } else {
        let image = try ImageDecoder.decode(bytes, maximumPixels: maximumPixels, minimumSide: minimumSide)
        answer.content = .pixels(try processor.pixels(image))
      }
    } catch let error as ImageError {
      answer.content = .failure(error.reason)
    } catch {
      answer.content = .failure("\(error)")
    }
    return answer
  }
}

extension ImageProcessor {
  /// How long a decoded image's sides should be at least for the result to look the same: twice what comes out.
  var sufficientSide: Int? {
    guard doResize else { return nil }
    return switch size {
    case .exactly(let height, let width), .within(let height, let width): 2 * max(height, width)
    case .shortestEdge(let edge): 2 * edge
    case .edges(let shortest, let longest): 2 * max(shortest, longest)
    }
  }
}
