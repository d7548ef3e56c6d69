/// The processes that train one model together, each on its part of every step.
package protocol ProcessGroup {
  /// Which of them this one is, from 0 on.
  var rank: Int { get }
  /// How many they are.
  var count: Int { get }
  /// Sums of numbers over all processes, the same bits in each.
  func sum(_ values: [Double]) throws -> [Double]
}

extension ProcessGroup {
  /// Whether this process writes the run's files; one does.
  package var writes: Bool { rank == 0 }
}

/// A process that trains alone.
package struct SingleProcess: ProcessGroup {
  package let rank = 0
  package let count = 1

  package init() {}

  package func sum(_ values: [Double]) -> [Double] { values }
}
