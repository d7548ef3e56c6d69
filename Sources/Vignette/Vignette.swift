@_exported import Models
@_exported import Tensors
