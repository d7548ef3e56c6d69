import Foundation
import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteTestSupport

@Suite struct HostilePickleTests {
  typealias Case = (name: String, pickle: PickleAssembly, problem: String)

  private func open(_ pickle: PickleAssembly) throws -> [StoredTensor] {
    let folder = try TemporaryFolder()
    return try PyTorchFile(at: folder.write(pickle.checkpoint, to: "pytorch_model.bin")).tensors
  }

  private func expectRefused(_ pickle: PickleAssembly, _ problem: String, _ comment: Comment) {
    let error = #expect(throws: (any Error).self, comment) { try open(pickle) }
    #expect(error.map { "\($0)".contains(problem) } == true, "\(comment): \(String(describing: error))")
  }

  @Test func anHonestPickleIsRead() throws {
    let tensors = try open(.weight(.tensor(shape: [2, 2], strides: [1, 2])))
    #expect(tensors.map(\.shape) == [[2, 2]])
    let expanded = try open(.weight(.tensor(shape: [1000, 4], strides: [0, 1])))
    #expect(expanded.first?.floats().count == 4000)
  }

  @Test(arguments: [
    ("cos\nsystem\n(S'id'\ntR.", "os.system"),
    ("(S'id'\nios\nsystem\n.", "os.system"),
    ("\u{8C}\u{5}posix\u{8C}\u{6}system\u{93}.", "posix.system"),
    ("cbuiltins\neval\n.", "builtins.eval"),
    ("c__builtin__\ngetattr\n.", "__builtin__.getattr"),
    ("ctorch\nload\n.", "torch.load"),
    ("ctorch.storage\n_load_from_bytes\n.", "torch.storage._load_from_bytes"),
    ("cnumpy.core.multiarray\n_reconstruct\n.", "numpy.core.multiarray._reconstruct"),
  ])
  func codeIsRefusedByItsName(operations: String, global: String) {
    // What protocol 0 spells is not even read.
    let isText = operations.contains("S'")
    let problem = isText && operations.hasPrefix("(") ? "operation 0x53" : "asks for `\(global)`"
    expectRefused(.code(operations), problem, "\(global)")
  }

  static let malformed: [(String, String)] = [
    (".", "empty stack"), ("0.", "empty stack"), ("t.", "empty stack"), ("(0.", "empty stack"),
    ("(2.", "empty stack"), ("N(\u{85}.", "empty stack"), ("}Ns.", "no value"),
    ("}(Nu.", "a key has no value"),
    (")Na.", "holds none"), ("]NNs.", "holds none"), ("h\u{1}.", "never made"),
    ("j\u{FF}\u{FF}\u{FF}\u{FF}.", "never made"),
    ("X\u{FF}\u{FF}\u{FF}\u{FF}abc", "cut off"),
    ("\u{8D}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}", "cut off"),
    ("\u{8D}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{7F}", "cut off"),
    ("\u{8B}\u{FF}\u{FF}\u{FF}\u{FF}", "cut off"), ("\u{8A}\u{FF}", "cut off"), ("cabc", "cut off"),
    ("X\u{1}\u{0}\u{0}\u{0}\u{FF}.", "not valid UTF-8"), ("\u{80}\u{6}.", "protocol 6"),
    ("\u{80}\u{0}.", "protocol 0"), ("\u{82}\u{1}.", "operation 0x82"), ("\u{81}.", "operation 0x81"),
    ("NNR.", "can't be called"), ("N)R.", "can't be called"),
    ("ctorch\nFloatStorage\n)R.", "a type is called"),
    ("ctorch\nSize\n)R.", "has no argument"), ("NNb.", "has none"), ("NQ.", "is no tuple"),
    (")Q.", "not one"),
    ("ctorch._utils\n_rebuild_tensor_v2\n)R.", "not made of a storage"),
    ("ctorch._utils\n_rebuild_tensor_v3\n)R.", "not made of a storage"),
    ("ctorch._utils\n_rebuild_parameter\n)R.", "is no tensor"),
    ("ccollections\nOrderedDict\nN\u{85}R.", "not made of a list"),
    ("ccollections\nOrderedDict\n](Ne\u{85}R.", "not made of pairs"), ("N.", "holds no dict"),
  ]

  @Test(arguments: malformed)
  func malformedPicklesAreRefused(operations: String, problem: String) {
    let known = operations == "}Ns." ? "empty stack" : problem
    expectRefused(.code(operations), known, "\(operations.debugDescription)")
  }

  @Test func impossibleTensorsAreRefused() {
    let cases: [Case] = [
      ("offset", .tensor(offset: 1), "needs 4 elements of float32 from element 1 on"),
      ("large offset", .tensor(offset: .max), "needs 4 elements"),
      ("negative offset", .tensor(offset: -1), "needs 4 elements"),
      ("shape", .tensor(shape: [5]), "needs 5 elements"),
      ("overflowing shape", .tensor(shape: [1 << 40, 1 << 40], strides: [0, 0]), "impossible shape"),
      ("negative shape", .tensor(shape: [-4]), "impossible shape"),
      ("overflowing strides", .tensor(shape: [3], strides: [.max]), "impossible strides"),
      ("overflowing sum", .tensor(shape: [2, 2], strides: [.max, 1]), "impossible strides"),
      ("negative stride", .tensor(shape: [2], strides: [-1]), "impossible strides"),
      ("strides missing", .tensor(shape: [2, 2], strides: [1]), "impossible strides"),
      ("expanded without bounds", .tensor(shape: [1 << 40], strides: [0]), "too often"),
      ("rank", .tensor(shape: Array(repeating: 1, count: 65), strides: []), "at most 64"),
      ("storage too long", .tensor(.storage(count: 5)), "needs 20 bytes, but has 16"),
      ("storage overflows", .tensor(.storage(count: .max)), "is impossible"),
      ("storage negative", .tensor(.storage(count: -1)), "not one that PyTorch writes"),
      ("storage missing", .tensor(.storage(key: "1")), "lacks the bytes of storage 1"),
      ("storage outside", .tensor(.storage(key: "../data.pkl")), "lacks the bytes of storage ../data.pkl"),
      ("storage of no type", .tensor(.storage("float32")), "a storage's type is none"),
      ("untyped storage", .tensor(.storage("UntypedStorage", count: 16)), "has no element type"),
    ]
    for (name, tensor, problem) in cases { expectRefused(.weight(tensor), problem, "\(name)") }
  }

  @Test func bombsDoNotGoOff() {
    let pair = PickleAssembly.tuple([.string("a"), .code("N")])
    let copies =
      PickleAssembly.code("ccollections\nOrderedDict\nq\u{0}0](") + pair * 100_000
      + .code("e\u{85}q\u{1}0") + .code("h\u{0}h\u{1}R0") * 100_000 + .code("N.")
    let tensors = PickleAssembly.tensor(
      shape: Array(repeating: 1, count: 64), strides: Array(repeating: 1, count: 64))
    let cases: [Case] = [
      ("tuples inside each other", .code(")") + .code("\u{85}") * 1_000_000 + .code("."), "holds no dict"),
      (
        "lists inside each other", .code("]") * 1_000_000 + .code("a") * 999_999 + .code("."), "holds no dict"
      ),
      ("marks", .code("(") * 1_000_000 + .code("N."), "holds no dict"),
      ("doubling", .code("]q\u{0}") + .code("(h\u{0}h\u{0}lq\u{0}") * 500_000 + .code("."), "holds no dict"),
      ("a dict in itself", .code("}q\u{0}") + .string("a") + .code("h\u{0}s."), "holds no tensors"),
      ("many values", .code("N") * 5_000_000 + .code("."), "builds more than"),
      ("many memos", .code("N") + .code("\u{94}") * 5_000_000 + .code("."), "builds more than"),
      ("many copies", copies, "builds more than"),
      ("many tensors", (tensors + .code("0")) * 40_000 + .code("N."), "builds more than"),
      ("far memo", .code("Nr\u{FF}\u{FF}\u{FF}\u{FF}."), "holds no dict"),
    ]
    for (name, pickle, problem) in cases { expectRefused(pickle, problem, "\(name)") }
  }
}
