#if Network
  import VignetteDatasets
  import VignetteReports

  /// Shows a download: a bar for each zip file and each thing that is done with it.
  final class DownloadProgress {
    private var bar: ProgressBar?
    private var last: DatasetDownload.Progress?

    func show(_ progress: DatasetDownload.Progress) {
      if let last, let bar, last.continues(in: progress) {
        bar.update(to: progress.bytes)
      } else {
        bar?.finish()
        bar = makeBar(progress)
      }
      last = progress
    }

    /// Bytes that are there when a bar begins were fetched by an earlier run and don't count as speed.
    private func makeBar(_ progress: DatasetDownload.Progress) -> ProgressBar? {
      guard let title = progress.stage.title else {
        if last?.archive != progress.archive { StandardError.print("\(progress.archive): is there already") }
        return nil
      }
      return ProgressBar(
        "\(title) \(progress.archive)", total: progress.total, unit: .bytes,
        completed: progress.stage == .fetching ? progress.bytes : 0, output: .standardError(linesEvery: 30))
    }
  }

  extension DatasetDownload.Progress {
    /// Whether `next` is about the same work, further on.
    fileprivate func continues(in next: DatasetDownload.Progress) -> Bool {
      archive == next.archive && stage == next.stage && total == next.total && bytes <= next.bytes
    }
  }

  extension DatasetDownload.Progress.Stage {
    fileprivate var title: String? {
      switch self {
      case .fetching: "fetching"
      case .verifying: "checking"
      case .unpacking: "unpacking"
      case .done: nil
      }
    }
  }
#endif
