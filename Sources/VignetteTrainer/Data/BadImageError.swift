/// An image that can't be read, in a run that doesn't leave such out.
struct BadImageError: Error, CustomStringConvertible {
  let path: String
  let reason: String

  var description: String { "\(path): \(reason); leave --no-check-images away to go on without it" }
}
