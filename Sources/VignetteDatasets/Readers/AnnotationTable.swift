import VignetteFiles

/// What an annotation file says, before any image is looked for.
struct AnnotationTable {
  struct Entry {
    /// Where the image stands in `images`.
    var image: Int
    let caption: ReferenceCaption
  }

  /// The annotation file, for messages.
  let path: String
  /// Without their captions.
  var images: [CaptionedImage] = []
  /// In the order of the file.
  var entries: [Entry] = []
  /// False for a test set whose captions aren't published.
  var hasCaptions = true
  var issues = DatasetIssues()

  init(path: String) { self.path = path }
}

extension AnnotationTable {
  /// Collects images that are known by their names only.
  struct Builder {
    private(set) var table: AnnotationTable
    private let imageFolder: String
    /// By the images' paths.
    private var positions: [ExactString: Int] = [:]

    init(path: String, imageFolder: String) {
      table = AnnotationTable(path: path)
      self.imageFolder = imageFolder
    }

    /// Adds a caption; the image counts from its first one on.
    ///
    /// - Parameter line: where the annotation has it, for messages.
    /// - Throws: `DatasetError` for a name of nothing.
    mutating func add(_ text: String, to fileName: String, line: Int) throws {
      let image = try position(of: fileName, line: line)
      table.entries.append(
        .init(image: image, caption: ReferenceCaption(id: table.entries.count, text: text)))
    }

    /// The index of an image, which is added if it is new.
    ///
    /// - Throws: `DatasetError` for a name of nothing.
    @discardableResult
    mutating func position(of fileName: String, id: Int? = nil, line: Int) throws -> Int {
      guard let image = ImagePath(fileName, in: imageFolder) else {
        throw DatasetError.annotation(
          table.path, line: line,
          "the name of the image file is empty; write one, or remove the row")
      }
      if let position = positions[ExactString(image.path)] { return position }
      let position = table.images.count
      positions[ExactString(image.path)] = position
      table.images.append(CaptionedImage(id: ImageID(id ?? position), fileName: image.name, path: image.path))
      return position
    }

    mutating func record(_ issue: DatasetIssue, _ example: String) { table.issues.record(issue, example) }
  }

  /// Keeps the images of a list; ids stay what they are.
  func keeping(_ fileNames: [String]) -> AnnotationTable {
    let listed = Set(fileNames.map(ExactString.init))
    var kept = self
    kept.images = images.filter { listed.contains(ExactString($0.fileName)) }
    var positions = [Int?](repeating: nil, count: images.count)
    var next = 0
    for (position, image) in images.enumerated() where listed.contains(ExactString(image.fileName)) {
      positions[position] = next
      next += 1
    }
    kept.entries = entries.compactMap { entry in
      positions[entry.image].map { Entry(image: $0, caption: entry.caption) }
    }
    let annotated = Set(kept.images.map { ExactString($0.fileName) })
    for name in fileNames where !annotated.contains(ExactString(name)) {
      kept.issues.record(.imageWithoutCaptions, name)
    }
    return kept
  }
}
