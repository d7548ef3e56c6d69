import ArgumentParser
import Foundation
import VignetteFiles
import VignetteHub

struct RemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Removes a model from the Hugging Face cache.",
    discussion: """
      Without a revision, all of the model goes. With one, what other revisions share with it stays. `vignette models \
      --cached` lists what is there.

        vignette remove nlpconnect/vit-gpt2-image-captioning
        vignette remove OWNER/NAME@REVISION --yes
      """)

  @Argument(
    help: ArgumentHelp("The model, and maybe one revision of it.", valueName: "owner/name[@revision]"))
  var model: String

  @Flag(help: "Remove it without asking.")
  var yes = false

  func validate() throws {
    if HubModelName(model) == nil {
      throw ValidationError("\(model) is no model's name: give OWNER/NAME or OWNER/NAME@REVISION")
    }
  }

  func run() throws {
    try reportingErrors {
      guard let name = HubModelName(model) else { throw ExitStatus.unusable }
      let cache = HubCache()
      let removal: CacheRemoval
      do {
        removal = try CacheRemoval(name, revision: model.contains("@") ? name.revision : nil, in: cache)
      } catch HubError.notCached {
        throw FileError(
          cache.url.path, "\(name.repository) is not there; vignette models --cached lists what is")
      } catch HubError.noRevision {
        throw FileError(
          cache.url.path,
          "\(name.repository) is there, but not its revision \(name.revision); vignette models --cached lists what is"
        )
      }
      guard try isWanted(removal) else {
        StandardError.print("vignette: nothing is removed")
        throw ExitStatus.unusable
      }
      try removal.run()
      StandardError.print("\(model): removed, \(ByteCount(removal.byteCount)) freed")
    }
  }

  private func isWanted(_ removal: CacheRemoval) throws -> Bool {
    if yes { return true }
    guard Question.canBeAsked else {
      throw FileError(model, "nothing is removed without a terminal to ask in, or --yes")
    }
    let rest =
      removal.remaining.isEmpty ? "" : "; \(Quantity(removal.remaining.count, "revision")) of it will stay"
    return try runUntilInterrupted {
      try await Question.ask("Remove \(model), which frees \(ByteCount(removal.byteCount))\(rest)?")
    }
  }
}
