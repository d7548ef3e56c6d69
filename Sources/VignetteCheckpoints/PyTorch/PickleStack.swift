/// The stack of the machine that a pickle is a program for, with its marks.
struct PickleStack {
  /// More was taken than there is.
  struct Underflow: Error {}

  private var values: [PickleValue] = []
  private var marks: [Int] = []

  mutating func push(_ value: PickleValue) { values.append(value) }

  mutating func mark() { marks.append(values.count) }

  /// The last value above the last mark.
  func top() throws(Underflow) -> PickleValue {
    guard let value = values.last, values.count > marks.last ?? 0 else { throw Underflow() }
    return value
  }

  mutating func pop() throws(Underflow) -> PickleValue {
    let value = try top()
    values.removeLast()
    return value
  }

  /// The last `count` values, the last one last.
  mutating func pop(_ count: Int) throws(Underflow) -> [PickleValue] {
    guard values.count - (marks.last ?? 0) >= count else { throw Underflow() }
    defer { values.removeLast(count) }
    return Array(values.suffix(count))
  }

  /// The values above the last mark, which goes too.
  mutating func popToMark() throws(Underflow) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw Underflow() }
    defer { values.removeLast(values.count - mark) }
    return Array(values[mark...])
  }
}
