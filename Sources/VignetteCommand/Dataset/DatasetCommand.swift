import ArgumentParser

struct DatasetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset", abstract: "Downloads caption data sets, looks at them, and draws one.",
    subcommands: [DatasetDownloadCommand.self, DatasetInspectCommand.self, DatasetDemoCommand.self])
}
