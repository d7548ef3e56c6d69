/// The names that a pickle may ask for. Everything else is refused when it is named, before anything is built.
enum PickleGlobal: Equatable {
  case orderedDict
  case set
  /// `_codecs.encode`, by which old protocols spell bytes.
  case encode
  case size
  case rebuildTensor
  case rebuildTensorV2
  case rebuildTensorV3
  case rebuildParameter
  case rebuildParameterWithState
  case storage(ElementType)
  case untypedStorage
  case elementType(ElementType)

  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDict
    case ("builtins", "set"), ("__builtin__", "set"): self = .set
    case ("_codecs", "encode"): self = .encode
    case ("torch", "Size"): self = .size
    case ("torch._utils", "_rebuild_tensor"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensorV2
    case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTensorV3
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch._utils", "_rebuild_parameter_with_state"): self = .rebuildParameterWithState
    case ("torch.storage", "UntypedStorage"), ("torch", "UntypedStorage"): self = .untypedStorage
    case ("torch", _):
      if let type = ElementType(torchStorageName: name) {
        self = .storage(type)
      } else if let type = ElementType(rawValue: name) {
        self = .elementType(type)
      } else {
        return nil
      }
    default: return nil
    }
  }
}
