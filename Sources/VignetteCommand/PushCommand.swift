#if Network
  import ArgumentParser
  import Foundation
  import VignetteFiles
  import VignetteHub

  struct PushCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "push",
      abstract: "Shares a model's folder on the Hugging Face hub.",
      discussion: """
          vignette push run me/my-captioner --private
          vignette push run me/my-captioner --branch dropout --message "With dropout"

        The repository is made if there is none. What makes the model and its card (README.md) are pushed; what a \
        training run needs to go on, hidden files and folders are not. Files that are there already are left as they are, \
        and weights of an earlier push that the folder doesn't have are removed.

        Large files are uploaded first, where nobody sees them; one commit at the end then shows everything. A push that \
        was stopped or failed leaves the repository as it was, and what was uploaded isn't uploaded again.

        An access token with the right to write must be in HF_TOKEN, or in the file that `hf auth login` writes. \
        HF_ENDPOINT is another hub's address.
        """)

    @Argument(help: "Folder of the model.", completion: .directory)
    var folder: String

    @Argument(help: ArgumentHelp("Where it goes.", valueName: "owner/name"))
    var model: HubModelName

    @Flag(name: .customLong("private"), help: "Make the repository a private one, if there is none.")
    var isPrivate = false

    @Option(help: "Branch to push to, made from main if there is none.")
    var branch = "main"

    @Option(help: "What the commit says.")
    var message: String?

    @Flag(help: "Push all files of the folder and below, hidden ones excepted.")
    var allFiles = false

    func validate() throws {
      guard model.revision == "main" else { throw ValidationError("give the branch with --branch") }
      guard target != nil else { throw ValidationError("--branch \(branch) is no branch's name") }
      if message?.isEmpty == true { throw ValidationError("--message can't be empty") }
    }

    private var target: HubModelName? { HubModelName("\(model.repository)@\(branch)") }

    func run() throws {
      try reportingErrors {
        guard let target else { throw ExitStatus.unusable }
        var push = ModelPush(folder: FileName.url(folder, isFolder: true), target: target)
        push.isPrivate = isPrivate
        push.includesAllFiles = allFiles
        push.message = message
        try runUntilInterrupted { [push] in try await push.run(HubSettings()) }
      }
    }
  }
#endif
