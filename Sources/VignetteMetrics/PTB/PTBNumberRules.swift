/// Rules for numbers, fractions and telephone numbers.
extension PTBText {
  /// Digits with points, commas and colons between or before them, perhaps signed.
  func number(at start: Int) -> PTBMatch? {
    let unsigned = self[start] == "-" || self[start] == "+" ? start + 1 : start
    var end = digitsEnd(from: unsigned)
    while self[end] == "." || self[end] == "," || self[end] == ":", kind(end + 1) == .digit {
      end = digitsEnd(from: end + 1)
    }
    return end > unsigned ? PTBMatch(length: end - start) : nil
  }

  /// A fraction of numbers of up to four digits, perhaps after a whole number: `2 1/2`, `3-1/2`.
  func fraction(at start: Int) -> PTBMatch? {
    let whole = digitsEnd(from: start, limit: 4)
    guard whole > start else { return nil }
    if self[whole] == "-" || isPlainSpace(whole), let end = fractionEnd(from: whole + 1) {
      return PTBMatch(length: end - start)
    }
    return fractionEnd(from: start).map { PTBMatch(length: $0 - start) }
  }

  private func fractionEnd(from start: Int) -> Int? {
    let slash = digitsEnd(from: start, limit: 4)
    guard slash > start, self[slash] == "/" || self[slash] == "\u{2044}" else { return nil }
    let end = digitsEnd(from: slash + 1, limit: 4)
    return end > slash + 1 ? end : nil
  }

  /// Groups of digits parted by spaces, hyphens or dots that look like a telephone number.
  func phoneNumber(at start: Int) -> PTBMatch? {
    if self[start] == "(" {
      let area = digitsEnd(from: start + 1, limit: 3)
      guard area - start > 2, self[area] == ")" else { return nil }
      let local = isPlainSpace(area + 1) ? area + 2 : area + 1
      return localNumberEnd(from: local).map { PTBMatch(length: $0 - start) }
    }
    let unsigned = run(from: start) { $0 == "+" }
    guard unsigned - start <= 2 else { return nil }
    let ends = [groupedEnd(from: unsigned, separator: isGroupSeparator), dottedEnd(from: unsigned)]
    return ends.compactMap { $0 }.max().map { PTBMatch(length: $0 - start) }
  }

  /// One or two groups of two to four digits, each with a separator, then a local number.
  private func groupedEnd(from start: Int, separator: (Int) -> Bool) -> Int? {
    let first = digitsEnd(from: start, limit: 4)
    guard first - start >= 2, separator(first) else { return nil }
    let second = digitsEnd(from: first + 1, limit: 4)
    var ends = [localNumberEnd(from: first + 1)]
    if second - first > 2, separator(second) { ends.append(localNumberEnd(from: second + 1)) }
    return ends.compactMap { $0 }.max()
  }

  /// Three or four digits, perhaps a separator, then three to five digits.
  private func localNumberEnd(from start: Int) -> Int? {
    let run = digitsEnd(from: start)
    for first in [4, 3] where run - start >= first {
      let middle = start + first
      let rest = isGroupSeparator(middle) ? middle + 1 : middle
      let end = digitsEnd(from: rest, limit: 5)
      if end - rest >= 3 { return end }
    }
    return nil
  }

  /// Three or four groups of digits parted by dots.
  private func dottedEnd(from start: Int) -> Int? {
    var groups: [Int] = []
    var end = start
    while groups.count < 4 {
      let next = digitsEnd(from: end, limit: 5)
      groups.append(next - end)
      end = next
      if self[end] != "." || kind(end + 1) != .digit { break }
      end += 1
    }
    guard groups.count >= 3, groups.dropLast(2).allSatisfy({ (2...4).contains($0) }),
      (3...4).contains(groups[groups.count - 2]), (3...5).contains(groups[groups.count - 1])
    else { return nil }
    return end
  }

  private func isGroupSeparator(_ index: Int) -> Bool {
    self[index] == "-" || isPlainSpace(index)
  }

  /// Whether a space stands at a position that a token may hold.
  func isPlainSpace(_ index: Int) -> Bool {
    self[index] == " " || self[index] == "\u{A0}"
  }
}
