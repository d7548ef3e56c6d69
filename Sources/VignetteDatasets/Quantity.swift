/// So many of something, as people say it: `1 image`, `2 images`.
package struct Quantity: CustomStringConvertible, Sendable {
  package let description: String

  /// - Parameter many: what several are called; nil where an s makes them of one.
  package init(_ count: Int, _ one: String, _ many: String? = nil) {
    description = "\(count) \(count == 1 ? one : many ?? "\(one)s")"
  }
}
