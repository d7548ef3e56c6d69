import Vignette

/// An image as the command line names it.
struct NamedImage {
  let name: String
  let image: ImageSource
}
