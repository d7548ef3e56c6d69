import VignetteDatasets
import Testing
import VignetteTestSupport

@Suite struct DatasetIssuesTests {
  /// Every note can be read after one and after several.
  @Test(arguments: DatasetIssue.allCases)
  func oneIsNotSeveral(issue: DatasetIssue) {
    let (one, several) = (issue.summary(of: 1), issue.summary(of: 2))
    #expect(one.hasPrefix("1 ") && several.hasPrefix("2 ") && one.dropFirst() != several.dropFirst())
  }

  /// The notes of several metadata files are told together.
  @Test func notesOfSeveralFilesAreJoined() throws {
    let folder = try TemporaryFolder()
    let rows = (0..<8).map { #"{"file_name": "\#($0).png", "text": "x", "split": "part-\#($0 % 7)"}"# }
    let own = #"{"file_name": "a.png", "text": "x", "split": "train"}"#
    try folder.write((rows + [own]).joined(separator: "\n"), to: "metadata.jsonl")
    try folder.write(#"{"file_name": "b.png", "text": "y"}"#, to: "train/metadata.jsonl")
    try folder.write("file_name,text\n", to: "train/metadata.csv")
    let dataset = try folder.dataset(.imagefolder) {
      $0.missingImages = .ignore
      $0.validationFraction = 0
    }
    #expect(dataset.issues.counts == [.unknownSplit: 8, .ignoredFile: 1])
    #expect(
      dataset.issues.notes.last == """
        8 rows of splits other than train, validation and test (left out):
          part-0 (2 times)
          part-1
          part-2
          part-3
          part-4
          and 2 more
        """)
  }
}
