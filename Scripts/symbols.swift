// Writes the symbol graph of a library as a program sees it: what the library declares itself, and what its Exports.swift
// shows of other targets, one by one or as a whole. The compiler's own graph leaves out extensions of what is shown.
//
// usage: swift symbols.swift LIBRARY FOLDER-OF-GRAPHS OUTPUT, in the package's folder

import Foundation

typealias JSON = [String: Any]

struct Graph {
  private(set) var json: JSON
  private(set) var symbols: [JSON]
  private(set) var relationships: [JSON]

  /// What a target's own file says.
  init(of target: String, in folder: String) throws {
    let file = URL(fileURLWithPath: "\(folder)/\(target).symbols.json")
    json = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? JSON ?? [:]
    symbols = json["symbols"] as? [JSON] ?? []
    relationships = json["relationships"] as? [JSON] ?? []
  }

  private static func id(_ symbol: JSON) -> String {
    (symbol["identifier"] as? JSON)?["precise"] as? String ?? ""
  }

  private static func type(_ symbol: JSON) -> String { (symbol["pathComponents"] as? [String])?.first ?? "" }

  /// Leaves the symbols that the target itself declares.
  mutating func keepOwn(of target: String) {
    keep { Self.id($0).hasPrefix("s:\(target.count)\(target)") }
  }

  /// Leaves the members of a type and the type itself.
  mutating func keep(type name: String) { keep { Self.type($0) == name } }

  private mutating func keep(_ isKept: (JSON) -> Bool) {
    symbols = symbols.filter(isKept)
    let ids = Set(symbols.map(Self.id))
    relationships = relationships.filter { ids.contains($0["source"] as? String ?? "") }
  }

  mutating func add(_ other: Graph) {
    symbols += other.symbols
    relationships += other.relationships
  }

  func write(to path: String) throws {
    let whole = json.merging(["symbols": symbols, "relationships": relationships]) { _, new in new }
    try JSONSerialization.data(withJSONObject: whole).write(to: URL(fileURLWithPath: path))
  }
}

func visibleGraph(of library: String, in folder: String) throws -> Graph {
  var graph = try Graph(of: library, in: folder)
  graph.keepOwn(of: library)
  let exports = try String(contentsOfFile: "Sources/\(library)/Exports.swift", encoding: .utf8)
  for export in exports.matches(of: #/@_exported public import (?:\w+ (\w+)\.(\w+)|(\w+)\n)/#) {
    if let (target, name) = export.output.1.flatMap({ target in export.output.2.map { (target, $0) } }) {
      var shown = try Graph(of: "\(target)", in: folder)
      shown.keep(type: "\(name)")
      graph.add(shown)
    } else if let other = export.output.3 {
      graph.add(try visibleGraph(of: "\(other)", in: folder))
    }
  }
  return graph
}

let arguments = CommandLine.arguments
guard arguments.count == 4 else { fatalError("usage: symbols.swift LIBRARY FOLDER-OF-GRAPHS OUTPUT") }
try visibleGraph(of: arguments[1], in: arguments[2]).write(to: arguments[3])
