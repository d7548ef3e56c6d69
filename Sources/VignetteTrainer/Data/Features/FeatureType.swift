import VignetteTensors

/// What a frozen encoder's hidden states are kept as.
public enum FeatureType: String, Sendable, CaseIterable, Codable {
  /// What the run computes in, so that training gives the same losses as without a cache.
  case auto
  case float32
  case bfloat16

  var dtype: DType? { DType(rawValue: rawValue) }
}
