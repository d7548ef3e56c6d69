#if Network
  import ArgumentParser
  import Foundation
  import VignetteCheckpoints
  import VignetteDatasets
  import VignetteFiles
  import VignetteHTTP

  struct DatasetDownloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "download",
      abstract: "Downloads a data set, checks its zip files and unpacks them.",
      discussion: """
          vignette dataset download flickr8k --to flickr8k
          vignette dataset download coco-2017 --to coco --only annotations_trainval2017 val2017

        The parts:
        \(parts)

        A download that was stopped, killed or cut off goes on where it was when the same command is run again. Nothing \
        is unpacked from a zip file whose checksums don't fit.
        """)

    @Argument(help: "Data set to fetch.")
    var source: DatasetSource

    @Option(help: "Folder to unpack it into.")
    var to: String

    @Option(
      parsing: .upToNextOption, help: ArgumentHelp("Parts to fetch; all if not given.", valueName: "part")
    )
    var only: [String] = []

    @Option(help: "Address of files of the same names, to fetch instead: https://example.org/coco.")
    var mirror: String?

    @Flag(help: "Keep the zip files beside what was unpacked.")
    var keepArchives = false

    @Flag(name: .customLong("no-check-space"), help: "Start even if the disk seems to be too full.")
    var ignoresSpace = false

    func validate() throws {
      if let mirror, Self.address(mirror) == nil {
        throw ValidationError("--mirror must be an http or https address, but is \(mirror)")
      }
    }

    func run() throws {
      try reportingErrors {
        let archives = try source.archives(only: only).map { archive in
          mirror.flatMap(Self.address).map(archive.from(mirror:)) ?? archive
        }
        let folder = FileName.url(to, isFolder: true)
        var download = DatasetDownload(archives, to: folder)
        download.keepsArchives = keepArchives
        if !ignoresSpace { try download.checkSpace() }
        try runUntilInterrupted { [download] in
          let progress = DownloadProgress()
          try await HTTPFetcher.withFetcher { try await download.run(using: $0, progress: progress.show) }
        }
        StandardError.print("\(to): downloaded" + (advice(folder).map { "; \($0)" } ?? ""))
      }
    }

    /// What can be done with what is there.
    private func advice(_ folder: URL) -> String? {
      if let split = DatasetSplit.allCases.first(where: { isUsable($0, folder) }) {
        return "next: vignette dataset inspect --dataset \(source.kind.rawValue) --data-dir \(to)"
          + (split == .train ? "" : " --split \(split.rawValue)")
      }
      let missing = DatasetDownload(source, to: folder).missing.map(\.part)
      guard !missing.isEmpty else { return nil }
      return "no images are there together with their annotations; fetch more of its parts: "
        + missing.joined(separator: ", ")
    }

    /// Whether both the annotations and images of a split are there, any of which may have been left out.
    private func isUsable(_ split: DatasetSplit, _ folder: URL) -> Bool {
      (try? CaptionDataset(DatasetOptions(kind: source.kind, folder: folder, split: split))) != nil
    }

    private static func address(_ text: String) -> URL? {
      guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host?.isEmpty == false
      else {
        return nil
      }
      return url
    }

    /// The names and sizes of what there is.
    private static var parts: String {
      DatasetSource.allCases.map { source in
        let parts = source.archives.map { "\($0.part) (\(ByteCount($0.byteCount)))" }
        return "  \(source.rawValue): \(parts.joined(separator: ", "))"
      }.joined(separator: "\n")
    }
  }

  extension DatasetSource: ExpressibleByArgument {}
#endif
