@_exported import Checkpoints
@_exported import Imaging
@_exported import JSON
@_exported import Models
@_exported import Tensors
@_exported import Tokenizers
