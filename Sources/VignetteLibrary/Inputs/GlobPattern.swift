/// A pattern for paths, as shells have them: `*` and `?` stand for characters of one name, `**` for any folders, `[a-c]` and
/// `[!a-c]` for one character, `{jpg,png}` for one of several texts, and a backslash makes the next character stand for itself.
///
/// A pattern without a `/` is matched with a path's last name alone, any other with the whole path.
package struct GlobPattern: Sendable, Hashable {
  private let alternatives: [[Token]]
  private let matchesPaths: Bool

  private enum Token: Sendable, Hashable {
    case scalar(Unicode.Scalar)
    /// `?`
    case any
    /// `*`
    case run
    /// `**`
    case path
    /// `**/`, as two: that there may be no folder, and the folders.
    case folders
    case inFolders
    case set([ClosedRange<UInt32>], isNegated: Bool)
  }

  /// A pattern of more alternatives than that isn't meant.
  private static let maximumAlternatives = 1024

  package init(_ pattern: String) {
    let pattern = pattern.hasPrefix("./") ? String(pattern.dropFirst(2)) : pattern
    matchesPaths = pattern.unicodeScalars.contains("/")
    alternatives = Self.expanded(Array(pattern.unicodeScalars)).map { Self.tokens($0[...]) }
  }

  /// - Parameter path: with `/` between names, relative to where the pattern counts from.
  package func matches(_ path: String) -> Bool {
    let scalars = Array(path.unicodeScalars)
    let start = matchesPaths ? 0 : (scalars.lastIndex(of: "/").map { $0 + 1 } ?? 0)
    return alternatives.contains { Self.matches($0, scalars[start...]) }
  }

  // MARK: Reading

  private static func tokens(_ pattern: ArraySlice<Unicode.Scalar>) -> [Token] {
    var tokens: [Token] = []
    var rest = pattern
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\\": tokens.append(.scalar(rest.popFirst() ?? scalar))
      case "?": tokens.append(.any)
      case "*" where rest.first == "*":
        while rest.first == "*" { rest.removeFirst() }
        if rest.first == "/" {
          rest.removeFirst()
          tokens += [.folders, .inFolders]
        } else {
          tokens.append(.path)
        }
      case "*": tokens.append(.run)
      case "[": tokens.append(set(&rest) ?? .scalar(scalar))
      default: tokens.append(.scalar(scalar))
      }
    }
    return tokens
  }

  /// What stands in brackets; nil where they aren't closed.
  private static func set(_ rest: inout ArraySlice<Unicode.Scalar>) -> Token? {
    var content = rest
    let isNegated = content.first == "!" || content.first == "^"
    if isNegated { content.removeFirst() }
    var ranges: [ClosedRange<UInt32>] = []
    while var scalar = content.popFirst() {
      if scalar == "]", !ranges.isEmpty {
        rest = content
        return .set(ranges, isNegated: isNegated)
      }
      if scalar == "\\", let next = content.popFirst() { scalar = next }
      if content.first == "-", let last = content.dropFirst().first, last != "]" {
        content.removeFirst(2)
        ranges.append(min(scalar.value, last.value)...max(scalar.value, last.value))
      } else {
        ranges.append(scalar.value...scalar.value)
      }
    }
    return nil
  }

  /// The patterns that one with braces stands for.
  private static func expanded(_ pattern: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
    var done: [[Unicode.Scalar]] = []
    var waiting = [pattern]
    while let next = waiting.popLast() {
      guard let (range, choices) = braces(next),
        done.count + waiting.count + choices.count < maximumAlternatives
      else {
        done.append(next)
        continue
      }
      waiting += choices.reversed().map { next[..<range.lowerBound] + $0 + next[range.upperBound...] }.map(
        Array.init)
    }
    return done
  }

  /// The first braces without others in them, and what stands between their commas.
  private static func braces(_ pattern: [Unicode.Scalar]) -> (Range<Int>, [ArraySlice<Unicode.Scalar>])? {
    var opening: Int?
    var index = 0
    while index < pattern.count {
      switch pattern[index] {
      case "\\": index += 1
      case "{": opening = index
      case "}":
        guard let opening else { break }
        let choices = pattern[opening + 1..<index].split(separator: ",", omittingEmptySubsequences: false)
        return (opening..<index + 1, choices)
      default: break
      }
      index += 1
    }
    return nil
  }

  // MARK: Matching

  /// Follows all ways to match at a time, so that no pattern takes long.
  private static func matches(_ tokens: [Token], _ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
    var states = closure([true] + Array(repeating: false, count: tokens.count), tokens)
    for scalar in scalars {
      var next = Array(repeating: false, count: tokens.count + 1)
      for (index, token) in tokens.enumerated() where states[index] {
        switch token {
        case .run: if scalar != "/" { next[index] = true }
        case .path: next[index] = true
        case .folders: break
        case .inFolders:
          next[index] = true
          if scalar == "/" { next[index + 1] = true }
        case .scalar(let wanted): if scalar == wanted { next[index + 1] = true }
        case .any: if scalar != "/" { next[index + 1] = true }
        case .set(let ranges, let isNegated):
          if scalar != "/", ranges.contains(where: { $0.contains(scalar.value) }) != isNegated {
            next[index + 1] = true
          }
        }
      }
      states = closure(next, tokens)
      guard states.contains(true) else { return false }
    }
    return states[tokens.count]
  }

  /// With what a run of no characters leads to.
  private static func closure(_ states: [Bool], _ tokens: [Token]) -> [Bool] {
    var states = states
    for (index, token) in tokens.enumerated() where states[index] {
      if token == .run || token == .path || token == .folders { states[index + 1] = true }
      if token == .folders { states[index + 2] = true }
    }
    return states
  }
}
