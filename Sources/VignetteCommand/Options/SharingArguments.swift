import ArgumentParser
import Foundation
import VignetteFiles
import VignetteHub

/// Whether what was trained is shared, by Hugging Face's names.
struct SharingArguments: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "Push the result to the Hugging Face hub, as vignette push does.")
  var pushToHub = false

  @Option(help: "Repository that --push-to-hub pushes to: OWNER/NAME.")
  var hubModelId: String?

  @Flag(inversion: .prefixedNo, help: "Make the repository a private one, if there is none.")
  var hubPrivateRepo = false

  @Option(help: "Access token for --push-to-hub, if not the one in HF_TOKEN.")
  var hubToken: String?

  /// What is to be pushed when it is there; nil for nothing.
  ///
  /// - Throws: what would keep it from being pushed, as far as that is known before.
  func push(_ folder: URL) throws -> SharedResult? {
    guard pushToHub else { return nil }
    #if Network
      guard let hubModelId else {
        throw SettingError("hub_model_id", "must name the repository to push to: OWNER/NAME")
      }
      guard let name = HubModelName(hubModelId), name.repository.contains("/") else {
        throw SettingError("hub_model_id", "must be OWNER/NAME, but is \(Excerpt(hubModelId))")
      }
      var settings = try HubSettings()
      if settings.isOffline { throw HubError.offline }
      if let hubToken { settings.token = try HubSettings.checked(hubToken, from: "\(Setting("hub_token"))") }
      guard settings.token != nil else { throw HubError.noToken(name) }
      var push = ModelPush(folder: folder, target: name)
      push.isPrivate = hubPrivateRepo
      return SharedResult(settings: settings, push: push)
    #else
      throw SettingError("push_to_hub", "isn't supported: this program was built without a network")
    #endif
  }
}

/// What is pushed when a training run is over.
struct SharedResult: Sendable {
  #if Network
    let settings: HubSettings
    let push: ModelPush

    func run() async throws { try await push.run(settings) }
  #else
    func run() async throws {}
  #endif
}
