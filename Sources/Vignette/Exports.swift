@_exported public import VignetteCheckpoints
@_exported public import VignetteImages
@_exported public import VignetteModels
@_exported public import VignetteTensors
@_exported public import VignetteTokenizers
@_exported public import VignetteFiles
