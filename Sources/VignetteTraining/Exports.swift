@_exported public import VignetteDatasets
@_exported public import VignetteMetrics
@_exported public import VignetteTrainer
@_exported public import Vignette
