import Foundation
public import VignetteFiles

/// The id of an image: a number, or a string, as some data sets have it. A number and its decimal spelling are the same
/// id.
public struct ImageID: Hashable, Sendable {
  private enum Form: Sendable {
    case number(Int)
    /// A string that spells a number.
    case numeral(Int)
    case name(ExactString)
  }

  private let form: Form

  public init(_ number: Int) { form = .number(number) }

  public init(_ name: String) {
    if let number = Int(name), String(number) == name {
      form = .numeral(number)
    } else {
      form = .name(ExactString(name))
    }
  }

  public static func == (left: ImageID, right: ImageID) -> Bool {
    switch (left.form, right.form) {
    case (.name(let left), .name(let right)): left == right
    case (.number(let left), .number(let right)), (.number(let left), .numeral(let right)),
      (.numeral(let left), .number(let right)), (.numeral(let left), .numeral(let right)):
      left == right
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch form {
    case .number(let number), .numeral(let number): hasher.combine(number)
    case .name(let name): hasher.combine(name)
    }
  }

  /// As it was read: a number or a string.
  public var json: JSONValue {
    switch form {
    case .number(let number): .int(number)
    case .numeral, .name: .string(description)
    }
  }
}

extension ImageID: CustomStringConvertible, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
  JSONReadable
{
  public init(integerLiteral number: Int) { self.init(number) }
  public init(stringLiteral name: String) { self.init(name) }

  public var description: String {
    switch form {
    case .number(let number), .numeral(let number): String(number)
    case .name(let name): name.string
    }
  }

  public static var jsonKind: String { "an id: an integer or a string" }

  public init(json: JSONValue, at field: JSONField) throws {
    if case .string(let name) = json { self.init(name) } else { self.init(try field.value(as: Int.self)) }
  }

  /// Reads an id.
  init(_ cursor: inout JSONCursor) throws(JSONFault) {
    if cursor.peek() == UInt8(ascii: "\"") {
      self.init(try cursor.string())
    } else {
      self.init(try cursor.integer())
    }
  }
}

/// An image and all of its captions: the unit of a data set, so that a bad image goes together with its captions.
public struct CaptionedImage: Sendable, Equatable {
  /// The data set's own number; where it has none, the image's index in the annotation file, from zero.
  public let id: ImageID
  /// The name that the annotation uses, which may have folders in it; the id where it has none, which references for
  /// scores alone needn't have.
  public let fileName: String
  /// Where the file is.
  public let path: String
  /// In pixels, where the annotation says.
  public let height: Int?
  /// In pixels, where the annotation says.
  public let width: Int?
  public let cocoURL: String?
  /// In the order of the annotation file. Empty only in a test set without captions.
  public internal(set) var captions: [ReferenceCaption]

  public init(
    id: ImageID, fileName: String, path: String, height: Int? = nil, width: Int? = nil,
    cocoURL: String? = nil,
    captions: [ReferenceCaption] = []
  ) {
    self.id = id
    self.fileName = fileName
    self.path = path
    self.height = height
    self.width = width
    self.cocoURL = cocoURL
    self.captions = captions
  }
}

extension ReferenceCaption {
  /// Reads an id: a number; nil for a string that spells none.
  static func id(_ cursor: inout JSONCursor) throws(JSONFault) -> Int? {
    cursor.peek() == UInt8(ascii: "\"") ? Int(try cursor.string()) : try cursor.integer()
  }
}

/// One caption of an image.
public struct ReferenceCaption: Sendable, Equatable {
  /// The data set's own number; where it has none, the caption's index in the annotation file, from zero.
  public let id: Int
  /// The words exactly as the annotation has them. Many of COCO's captions end in spaces or line ends.
  public let text: String

  public init(id: Int, text: String) {
    self.id = id
    self.text = text
  }

  /// The words without white space around them: what a model should learn to say.
  ///
  /// The usual Python loaders hand `text` itself to the tokenizer; a run that is to repeat theirs does too.
  public var trimmedText: String { text.trimmed(.whitespacesAndNewlines) }
}
