/// A setting of a run and its effective value, as a report shows it.
public struct Setting: Sendable, Hashable {
  public var name: String
  public var value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}
