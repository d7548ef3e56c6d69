public import Foundation

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
  ///
  /// - Parameter fromSnakeCase: whether its keys are `like_this` where the type's are `likeThis`.
  public static func json<Value: Decodable>(
    _ type: Value.Type, _ path: String, fromSnakeCase: Bool = false
  ) throws -> Value {
    let decoder = JSONDecoder()
    if fromSnakeCase { decoder.keyDecodingStrategy = .convertFromSnakeCase }
    return try decoder.decode(type, from: data(path))
  }
}
