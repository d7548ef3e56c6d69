/// When beam search stops looking for better captions of an image that has as many finished ones as beams.
public enum EarlyStopping: Sendable, Equatable {
  /// Stop at once.
  case always
  /// Stop when the best running beam, scored at its present length, is no better than the worst finished one.
  case heuristic
  /// Stop only when no running beam can become better (with a positive length penalty: not even at full length).
  case never
}
