/// What is wrong with a JSON text, and at which byte.
package struct JSONFault: Error {
  package let position: Int
  package let problem: String
  /// Whether the text is JSON, but holds something other than what its reader needs.
  package let isMismatch: Bool
  /// The dotted path of the value that was being read, as far as it is known yet: `annotations[17].caption`.
  package private(set) var path = ""

  package init(position: Int, problem: String, isMismatch: Bool = false) {
    self.position = position
    self.problem = problem
    self.isMismatch = isMismatch
  }

  /// The fault as the object sees it that has it in its member `name`.
  func inside(_ name: String) -> JSONFault {
    // A stranger's key may be anything; an error is one line.
    inside(component: name.prefix(60).split(whereSeparator: \.isNewline).joined(separator: " "))
  }

  /// The fault as the list sees it that has it in an element.
  func inside(index: Int) -> JSONFault { inside(component: "[\(index)]") }

  private func inside(component: String) -> JSONFault {
    var fault = self
    fault.path = component + (path.isEmpty || path.hasPrefix("[") ? path : ".\(path)")
    return fault
  }
}
