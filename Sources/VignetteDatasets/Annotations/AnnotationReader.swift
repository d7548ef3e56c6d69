/// Reads one form of data set.
protocol AnnotationReader {
  /// The splits that the data set has of its own.
  var splits: Set<DatasetSplit> { get }
  /// Reads one of `splits`.
  func read(_ split: DatasetSplit) throws -> AnnotationTable
}
