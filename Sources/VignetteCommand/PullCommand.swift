#if Network
  import ArgumentParser
  import Foundation
  import VignetteFiles
  import VignetteHub

  struct PullCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "pull",
      abstract: "Fetches a model from the Hugging Face hub.",
      discussion: """
          vignette pull nlpconnect/vit-gpt2-image-captioning
          vignette pull OWNER/NAME@REVISION

        Only what makes the model is fetched: configurations, tokenizer, and its weights once, in safetensors where there \
        are some. It goes into the Hugging Face cache, which Python's huggingface_hub shares, and is known by its \
        name from then on. The folder is printed.

        A download that was stopped, killed or cut off goes on where it was when the same command is run again. No file \
        gets its name before its hash was compared.

        As for huggingface_hub: HF_TOKEN, or the file at HF_TOKEN_PATH, holds an access token for private models and those \
        with terms to accept; HF_ENDPOINT is another hub's address; HF_HUB_CACHE and HF_HOME say where the cache is; \
        http_proxy, https_proxy and no_proxy name proxies; with HF_HUB_OFFLINE nothing is fetched.
        """)

    @Argument(
      help: ArgumentHelp(
        "The model, and maybe a branch, tag or commit of it.", valueName: "owner/name[@revision]"))
    var model: HubModelName

    func run() throws {
      try reportingErrors {
        let folder = try runUntilInterrupted {
          try await ModelFetch.run(model, HubSettings()) { plan in
            let size = ByteCount(plan.files.reduce(0) { $0 + ($1.byteCount ?? 0) })
            let rest = ByteCount(plan.byteCount - plan.arrivedByteCount)
            StandardError.print(
              "\(model.repository): \(Quantity(plan.files.count, "file")), \(size), "
                + (plan.isComplete ? "all there already" : "of which \(rest) are to be fetched"))
            return true
          }
        }
        try StandardOutput.print(FileName.printed(folder.path))
      }
    }
  }
#endif
