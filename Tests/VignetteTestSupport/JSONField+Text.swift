import Foundation
public import VignetteFiles

extension JSONField {
  /// The root of JSON text.
  public init(text: some Collection<UInt8>, file: String) throws {
    self.init(try JSONValue(parsing: text, file: file), file: file)
  }

  /// The root of a fixture.
  public init(fixture: String) throws {
    try self.init(text: Fixture.data(fixture), file: fixture)
  }
}
