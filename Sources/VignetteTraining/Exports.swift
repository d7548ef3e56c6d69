@_exported import Datasets
@_exported import Metrics
@_exported import Training
@_exported import Vignette
