/// A file of weights that other programs read, in a folder that has none of those that are read here.
struct ForeignWeights: CustomStringConvertible {
  let description: String

  private static let kinds: [(suffix: String, what: String)] = [
    (".gguf", "a GGUF file, as llama.cpp reads them"), (".h5", "TensorFlow's"),
    (".msgpack", "Flax's"), (".onnx", "ONNX's"), (".tflite", "TensorFlow Lite's"), (".ot", "rust-bert's"),
    (".ggml", "a GGML file, as old versions of llama.cpp read them"),
  ]

  /// Nil where no name tells of such a file.
  init?(among names: [String]) {
    for (suffix, what) in Self.kinds {
      guard let name = names.first(where: { $0.lowercased().hasSuffix(suffix) }) else { continue }
      description =
        "\(name) is \(what), which is not read: fetch the model's weights in safetensors or PyTorch's format"
      return
    }
    return nil
  }
}
