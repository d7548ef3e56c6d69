#if Network
  import Vignette
  import VignetteFiles
  import VignetteModels

  /// What an API does with a field of its requests.
  enum FieldUse: Sendable {
    /// Its own code reads it.
    case read
    /// Clients send it whether they mean it or not, and it means nothing to a captioner.
    case ignored
    /// It asks for something that isn't done here; but for some values, which ask for nothing.
    case refused(unless: [JSONValue])
  }

  typealias FieldTable = [String: FieldUse]

  extension JSONField {
    /// Looks at each member of an object, so that nothing that a client asks for is ignored in silence.
    ///
    /// - Throws: `RequestError` where one asks for something that isn't done here.
    func check(_ table: FieldTable) throws {
      for (name, field) in try members() {
        let value = try field.optional(as: JSONValue.self)
        switch table[name] {
        case .read, .ignored: continue
        case .refused(let harmless):
          if let value, !harmless.contains(value) { throw RequestError.unsupported(field.key) }
        case nil:
          if value != nil { throw RequestError.unsupported(field.key) }
        }
      }
    }
  }

  /// Hugging Face's generation options, as requests have them.
  enum GenerationFields {
    static let names = Set(GenerationOptions.optionFields.map(\.name))

    /// For requests that may have them among other fields.
    static let table = FieldTable(uniqueKeysWithValues: names.map { ($0, .read) })

    /// Those of a JSON object.
    ///
    /// - Throws: `JSONError`.
    static func options(_ object: JSONField) throws -> GenerationOptions {
      var options = try GenerationOptions.checkpoint(generationConfig: object, config: nil)
      options.prompt = try object["prompt"].optional()
      options.seed = try seed(object["seed"])
      return options
    }

    /// A seed, which may be negative in the APIs that know no other integers.
    static func seed(_ field: JSONField) throws -> UInt64? {
      try field.optional(as: Int.self).map { UInt64(bitPattern: Int64($0)) }
    }

    /// Sets an option from text.
    ///
    /// - Returns: whether there is an option of that name.
    /// - Throws: `RequestError` where the text is no value of it.
    static func set(_ name: String, _ text: String, in options: inout GenerationOptions) throws -> Bool {
      guard let field = GenerationOptions.optionFields.first(where: { $0.name == name }) else { return false }
      guard set(field.access, text, in: &options) else {
        throw RequestError.invalid("\"\(name)\" can't be \"\(Excerpt(text, limit: 60))\"", field: name)
      }
      return true
    }

    private static func set<Access: OptionAccess>(
      _ access: Access, _ text: String, in options: inout GenerationOptions
    ) -> Bool where Access.Options == GenerationOptions {
      guard let value = Access.Value(optionText: text) else { return false }
      access.set(value, in: &options)
      return true
    }
  }

  extension GenerationOptions {
    /// Draws tokens at a temperature, or takes the likeliest where it is 0: what temperature means to language models'
    /// clients.
    mutating func set(temperature: Double?) {
      guard let temperature else { return }
      doSample = temperature != 0
      // A negative one is kept, so that it is found wrong.
      self.temperature = temperature == 0 ? nil : temperature
      if temperature != 0 { numBeams = numBeams ?? 1 }
    }
  }

  extension JSONField {
    /// One text or a list of them.
    func stopTexts() throws -> [String] {
      guard let value = try optional(as: JSONValue.self) else { return [] }
      if case .string(let text) = value { return text.isEmpty ? [] : [text] }
      return try elements().map { try $0.value(as: String.self) }.filter { !$0.isEmpty }
    }
  }
#endif
