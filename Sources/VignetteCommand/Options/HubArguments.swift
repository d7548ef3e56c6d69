public import ArgumentParser
import Foundation
import VignetteFiles
import VignetteHub
import VignetteModels
import VignetteReports

/// What the names of models mean: folders, models in the Hugging Face cache, and those that can be fetched into it.
///
/// Every command that takes a model asks here, so that all treat one that isn't there alike.
struct HubArguments: ParsableArguments {
  @Flag(help: "Fetch models that are not on this machine, without asking.")
  var yes = false

  @Flag(help: "Never fetch a model. Without this and --yes, one that is missing is asked for in a terminal.")
  var offline = false

  func validate() throws {
    if yes, offline {
      throw ValidationError("--yes fetches models and --offline never does; give one of them")
    }
  }

  /// The folder that `model` means, fetched if need be and allowed.
  ///
  /// - Throws: `HubError`; ``MissingModel``, which says what to run.
  func resolve(_ model: String) async throws -> URL {
    switch try HubCache().lookUp(model) {
    case .found(let folder): return folder
    case .missing(let name, let problem): return try await fetch(name, problem)
    }
  }

  /// The same for a command that computes on its main thread.
  func resolve(_ model: String) throws -> URL {
    switch try HubCache().lookUp(model) {
    case .found(let folder): return folder
    case .missing(let name, let problem):
      return try runUntilInterrupted { try await fetch(name, problem) }
    }
  }

  /// The folder of a captioner.
  ///
  /// - Throws: also what says that its model is no captioner; before data are read, which can take a while.
  func resolve(captioner model: String) async throws -> URL {
    let folder = try await resolve(model)
    try CaptionFamily.check(folder)
    return folder
  }

  func resolve(captioner model: String) throws -> URL {
    let folder = try resolve(model)
    try CaptionFamily.check(folder)
    return folder
  }

  private func fetch(_ name: HubModelName, _ problem: HubError) async throws -> URL {
    #if Network
      let settings = try HubSettings()
      if offline || settings.isOffline {
        let reason = offline ? "--offline is given" : "HF_HUB_OFFLINE is set"
        throw MissingModel(name, problem, "nothing is fetched, as \(reason)")
      }
      guard yes || Question.canBeAsked else {
        throw MissingModel(name, problem, "nothing is fetched without a terminal to ask in, or --yes")
      }
      return try await ModelFetch.run(name, settings) { plan in
        let left = ByteCount(plan.byteCount - plan.arrivedByteCount)
        guard !yes, !plan.isComplete else { return true }
        return try await Question.ask(
          "\(name.repository) is not on this machine. Fetch \(left) from \(settings.endpoint.absoluteString)?"
        )
      }
    #else
      throw problem
    #endif
  }
}

/// A model that isn't on this machine and isn't fetched.
struct MissingModel: PlainError {
  let description: String

  init(_ name: HubModelName, _ problem: HubError, _ reason: String) {
    let lack =
      switch problem {
      case .notCached(_, let cache): "there is no such folder, nor is a model of this name in \(cache)"
      case .noRevision(_, let cache): "revision \(name.revision) is not in \(cache)"
      case .incomplete, .noModel: "only a part of it is on this machine"
      default: "\(problem)"
      }
    description =
      "\(name.repository): \(lack): is the name right? \(reason); to fetch it: vignette pull \(name.argument)"
  }
}

extension HubModelName {
  /// The name as the command line takes it.
  var argument: String { revision == "main" ? repository : "\(repository)@\(revision)" }
}

extension HubModelName: ExpressibleByArgument {
  init?(argument: String) { self.init(argument) }
}

/// A question that is answered by yes or no in a terminal.
enum Question {
  static var canBeAsked: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// - Returns: whether the answer begins with a y.
  /// - Throws: `CancellationError`.
  static func ask(_ question: String) async throws -> Bool {
    let text = TerminalText.escaped(question, keepsLines: false)
    try? FileHandle.standardError.write(contentsOf: Data("\(text) [y/N] ".utf8))
    // Ctrl-C isn't to wait for the answer.
    var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    while poll(&input, 1, 0) == 0 { try await Task.sleep(for: .milliseconds(50)) }
    let answer = readLine() ?? ""
    return answer.trimmingCharacters(in: .whitespaces).lowercased().hasPrefix("y")
  }
}
