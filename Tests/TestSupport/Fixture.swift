import Foundation

/// The committed reference data in `Fixtures/`, made by `Fixtures/make_fixtures.py`.
public enum Fixture {
  /// The location of a file or folder under `Fixtures/`.
  public static func url(_ path: String) -> URL {
    URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures").appendingPathComponent(path)
  }

  /// The bytes of a fixture file.
  public static func data(_ path: String) throws -> Data {
    try Data(contentsOf: url(path))
  }

  /// A JSON fixture, decoded.
  public static func json<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
    try JSONDecoder().decode(type, from: data(path))
  }
}
