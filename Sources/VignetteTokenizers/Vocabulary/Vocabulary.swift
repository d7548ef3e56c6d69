/// The tokens of a model and their ids. Ids may have gaps.
package struct Vocabulary: Sendable {
  /// Far above any real vocabulary; arrays are indexed by id.
  package static let maximumID = (1 << 24) - 1

  private var tokens: ByteTable
  private var idOfEntry: [Int32] = []
  private var entryOfID: [Int32] = []

  package init(capacity: Int = 8) {
    tokens = ByteTable(capacity: capacity)
    idOfEntry.reserveCapacity(capacity)
    entryOfID.reserveCapacity(capacity)
  }

  /// How many ids have tokens.
  package var count: Int { tokens.count + repeatedCount }
  private var repeatedCount = 0

  /// One more than the largest id.
  package var idBound: Int { entryOfID.count }

  /// Why a token can't be added.
  package enum Conflict: Error, Equatable {
    case repeatedToken
    case repeatedID(holder: String)
  }

  /// Adds a token; `id` must be from 0 to ``maximumID``.
  package mutating func insert(_ token: UnsafeBufferPointer<UInt8>, id: Int32) throws(Conflict) {
    let (entry, isNew) = tokens.insert(token)
    guard isNew else { throw .repeatedToken }
    let index = Int(id)
    if index >= entryOfID.count {
      entryOfID.append(contentsOf: repeatElement(-1, count: index + 1 - entryOfID.count))
    }
    guard entryOfID[index] < 0 else {
      throw .repeatedID(holder: String(decoding: tokens[Int(entryOfID[index])], as: UTF8.self))
    }
    idOfEntry.append(id)
    entryOfID[index] = Int32(entry)
  }

  /// Adds a token under the id that follows all others; of equal tokens the last keeps its id.
  package mutating func append(_ token: UnsafeBufferPointer<UInt8>) {
    let (entry, isNew) = tokens.insert(token)
    let id = Int32(entryOfID.count)
    if isNew {
      idOfEntry.append(id)
    } else {
      entryOfID[Int(idOfEntry[entry])] = -1
      idOfEntry[entry] = id
    }
    entryOfID.append(Int32(entry))
  }

  /// Adds a token under the id that follows all others. A token that is there already has both ids; text gets the last.
  mutating func appendRepeatedly(_ token: UnsafeBufferPointer<UInt8>) {
    let (entry, isNew) = tokens.insert(token)
    let id = Int32(entryOfID.count)
    if isNew {
      idOfEntry.append(id)
    } else {
      idOfEntry[entry] = id
      repeatedCount += 1
    }
    entryOfID.append(Int32(entry))
  }

  package mutating func insert(_ token: some Sequence<UInt8>, id: Int32) throws(Conflict) {
    let bytes = Array(token)
    let result = bytes.withUnsafeBufferPointer { bytes in
      Result<Void, Conflict> { () throws(Conflict) in try insert(bytes, id: id) }
    }
    try result.get()
  }

  package func id(of token: UnsafeBufferPointer<UInt8>) -> Int32? {
    tokens.index(of: token).map { idOfEntry[$0] }
  }

  package func id(of token: some Sequence<UInt8>) -> Int32? {
    tokens.index(of: token).map { idOfEntry[$0] }
  }

  /// The first id of a token that may have several.
  func firstID(of token: some Sequence<UInt8>) -> Int? {
    guard let entry = tokens.index(of: token) else { return nil }
    return repeatedCount == 0 ? Int(idOfEntry[entry]) : entryOfID.firstIndex(of: Int32(entry))
  }

  /// The id of two strings joined.
  package func id(
    of first: UnsafeBufferPointer<UInt8>, followedBy second: UnsafeBufferPointer<UInt8>
  ) -> Int32? {
    tokens.index(of: first, followedBy: second).map { idOfEntry[$0] }
  }

  /// The bytes of the token with an id.
  package func token(_ id: Int) -> ArraySlice<UInt8>? {
    guard entryOfID.indices.contains(id), entryOfID[id] >= 0 else { return nil }
    return tokens[Int(entryOfID[id])]
  }

  /// The ids that have tokens, ascending.
  package var ids: [Int] {
    entryOfID.indices.filter { entryOfID[$0] >= 0 }
  }
}
