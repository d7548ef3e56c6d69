import ArgumentParser

struct DatasetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset", abstract: "Downloads caption data sets, looks at them, and draws one.",
    subcommands: download + [DatasetInspectCommand.self, DatasetDemoCommand.self])

  #if Network
    private static let download: [any ParsableCommand.Type] = [DatasetDownloadCommand.self]
  #else
    private static let download: [any ParsableCommand.Type] = []
  #endif
}
