// What a program that trains sees: captioning, and of each room below what it is for. Names of one room's own business
// stay out of the program's namespace.
@_exported public import Vignette

@_exported public import struct VignetteDatasets.CaptionDataset
@_exported public import struct VignetteDatasets.CaptionRow
@_exported public import struct VignetteDatasets.CaptionedImage
@_exported public import enum VignetteDatasets.DatasetError
@_exported public import struct VignetteDatasets.DatasetIssues
@_exported public import enum VignetteDatasets.DatasetKind
@_exported public import struct VignetteDatasets.DatasetOptions
@_exported public import enum VignetteDatasets.DatasetSplit
@_exported public import struct VignetteDatasets.ImageID
@_exported public import struct VignetteDatasets.ReferenceCaption
@_exported public import struct VignetteDatasets.SkippedImage

@_exported public import struct VignetteMetrics.COCOCaptionMetric
@_exported public import struct VignetteMetrics.COCOEvaluation
@_exported public import struct VignetteMetrics.CaptionHealthMetric
@_exported public import protocol VignetteMetrics.CaptionMetric
@_exported public import struct VignetteMetrics.CaptionScorer
@_exported public import struct VignetteMetrics.MetricScore
@_exported public import enum VignetteMetrics.MetricsError
@_exported public import struct VignetteMetrics.RougeMetric

@_exported public import struct VignetteEvaluation.EvaluatedCaption
@_exported public import enum VignetteEvaluation.EvaluationError
@_exported public import struct VignetteEvaluation.EvaluationOptions
@_exported public import struct VignetteEvaluation.EvaluationResult
@_exported public import class VignetteEvaluation.Evaluator
@_exported public import enum VignetteEvaluation.FeatureType
@_exported public import struct VignetteEvaluation.ImageText
@_exported public import class VignetteEvaluation.ImageTextScorer
@_exported public import struct VignetteEvaluation.MeasuredData
@_exported public import struct VignetteEvaluation.Metric
@_exported public import struct VignetteEvaluation.MetricsFile

@_exported public import struct VignetteTrainer.EarlyStoppingState
@_exported public import struct VignetteTrainer.EvaluationRecord
@_exported public import enum VignetteTrainer.IntervalStrategy
@_exported public import struct VignetteTrainer.LogEntry
@_exported public import enum VignetteTrainer.SchedulerType
@_exported public import struct VignetteTrainer.SettingValue
@_exported public import struct VignetteTrainer.Speed
@_exported public import struct VignetteTrainer.StepCount
@_exported public import class VignetteTrainer.Trainer
@_exported public import protocol VignetteTrainer.TrainerCallback
@_exported public import struct VignetteTrainer.TrainerState
@_exported public import struct VignetteTrainer.TrainingArguments
@_exported public import enum VignetteTrainer.TrainingError

@_exported public import struct VignetteReports.CaptionHealth
@_exported public import enum VignetteReports.EvaluationTable
@_exported public import struct VignetteReports.ModelCard
@_exported public import class VignetteReports.ProgressCallback
@_exported public import struct VignetteReports.ProgressOutput
@_exported public import class VignetteReports.ReportCallback
@_exported public import class VignetteReports.TensorBoardCallback
@_exported public import struct VignetteReports.TrainingReport
