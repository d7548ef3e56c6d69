/// The image processor classes of Hugging Face that do the same steps and differ in defaults alone.
///
/// Swin, TrOCR, DINO and MAE checkpoints use ``vit``, DINOv2 ``bit``, Data2Vec ``beit``, GIT ``clip`` and, for videos, of
/// which one frame is taken here, ``videoMAE``.
public enum ImageProcessorKind: String, Sendable, CaseIterable {
  case vit = "ViT"
  case deit = "DeiT"
  case beit = "Beit"
  case bit = "Bit"
  case clip = "CLIP"
  case siglip = "Siglip"
  case blip = "Blip"
  case pvt = "Pvt"
  case videoMAE = "VideoMAE"
  /// DINOv3's. Transformers has it for torchvision alone, which scales samples before it resizes; here they are resized
  /// as bytes, like those of the others, so that a pixel's value is off by what rounding takes.
  case dinov3 = "DINOv3ViT"

  /// The class that `preprocessor_config.json` names as `image_processor_type`.
  public var className: String { rawValue + "ImageProcessor" }

  /// Finds the kind of a class, in its old and new names: `ViTFeatureExtractor`, `ViTImageProcessor`,
  /// `ViTImageProcessorFast`, `ViTImageProcessorPil`.
  init?(className: String) {
    let stems = ["FeatureExtractor", "ImageProcessor", "ImageProcessorFast", "ImageProcessorPil"]
    let kind = Self.allCases.first { kind in stems.contains { kind.rawValue + $0 == className } }
    guard let kind else { return nil }
    self = kind
  }

  /// The class's defaults in Transformers 5.
  var defaults: ImageProcessor {
    let half = [0.5, 0.5, 0.5]
    let clipMean = [0.48145466, 0.4578275, 0.40821073]
    let clipDeviation = [0.26862954, 0.26130258, 0.27577711]
    let square = ImageSize.exactly(height: 224, width: 224)
    var processor = ImageProcessor(
      kind: self, size: square, resample: .bicubic, imageMean: half, imageStd: half)
    switch self {
    case .vit:
      processor.resample = .bilinear
    case .deit:
      processor.size = .exactly(height: 256, width: 256)
      processor.doCenterCrop = true
      processor.cropSize = CropSize(height: 224, width: 224)
    case .beit:
      processor.cropSize = CropSize(height: 224, width: 224)
    case .bit, .clip:
      processor.size = .shortestEdge(224)
      processor.doCenterCrop = true
      processor.cropSize = CropSize(height: 224, width: 224)
      (processor.imageMean, processor.imageStd) = (clipMean, clipDeviation)
    case .siglip: break
    case .blip:
      processor.size = .exactly(height: 384, width: 384)
      (processor.imageMean, processor.imageStd) = (clipMean, clipDeviation)
    case .dinov3:
      processor.resample = .bilinear
      (processor.imageMean, processor.imageStd) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    case .pvt:
      (processor.imageMean, processor.imageStd) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    case .videoMAE:
      processor.size = .shortestEdge(224)
      processor.resample = .bilinear
      processor.doCenterCrop = true
      processor.cropSize = CropSize(height: 224, width: 224)
    }
    return processor
  }

  /// Whether a `size` of one number means a square, rather than the shorter side.
  var defaultsToSquare: Bool {
    switch self {
    case .vit, .deit, .beit, .blip, .pvt, .dinov3: true
    case .bit, .clip, .siglip, .videoMAE: false
    }
  }
}
