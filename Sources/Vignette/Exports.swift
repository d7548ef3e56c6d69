// What a program that captions sees by `import Vignette`; the rooms below have much more, which would stand in its way.
@_exported public import enum VignetteCheckpoints.WeightsFormat
@_exported public import struct VignetteFiles.Setting
@_exported public import struct VignetteFiles.SettingError
@_exported public import struct VignetteHub.HubCache
@_exported public import enum VignetteHub.HubCacheError
@_exported public import struct VignetteImages.ImageProcessor
@_exported public import struct VignetteImages.RGBImage
@_exported public import protocol VignetteModels.CaptionModel
@_exported public import enum VignetteModels.EarlyStopping
@_exported public import enum VignetteModels.GenerationError
@_exported public import struct VignetteModels.GenerationOptions
@_exported public import enum VignetteTensors.Precision
@_exported public import enum VignetteTensors.Threads
@_exported public import protocol VignetteTokenizers.Tokenizer
