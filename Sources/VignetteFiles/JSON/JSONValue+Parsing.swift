extension JSONValue {
  /// Parses JSON text in UTF-8. As in Python, the last of several members with the same key counts.
  ///
  /// - Parameter file: what errors call the text.
  /// - Throws: ``JSONSyntaxError`` with the line and column.
  public init(parsing text: some Collection<UInt8>, file: String) throws {
    let value = try text.withContiguousStorageIfAvailable { try JSONValue($0, file) }
    self = try value ?? Array(text).withUnsafeBufferPointer { try JSONValue($0, file) }
  }

  private init(_ text: UnsafeBufferPointer<UInt8>, _ file: String) throws {
    let bytes = UnsafeRawBufferPointer(text)
    do throws(JSONFault) {
      var cursor = JSONCursor(bytes)
      self = try cursor.value()
      try cursor.expectEnd()
    } catch {
      throw JSONSyntaxError(file: file, bytes: bytes, fault: error)
    }
  }
}
