import Vignette

/// A picture as the command line names it.
struct NamedPicture {
  let name: String
  let picture: Picture
}
