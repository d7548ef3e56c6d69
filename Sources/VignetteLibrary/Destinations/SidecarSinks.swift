package import Foundation
package import VignetteMetadata

/// Text files beside images, with the best caption on one line.
package final class TextSidecars: CaptionSink {
  private let places: SidecarPlaces
  private let ending: String

  /// - Parameter ending: of the files' names, such as "txt".
  package init(_ places: SidecarPlaces, ending: String) {
    self.places = places
    self.ending = ending
  }

  package func prepare() throws { try places.prepare() }

  package func folder(of image: LibraryImage) -> URL? { try? places.place(of: image).folder }

  package func existing(_ image: LibraryImage) throws -> ExistingCaption? {
    // What can't be read is told when it is to be written.
    guard let caption = try? sidecar(of: image).caption() else { return nil }
    return .caption(caption)
  }

  package func receive(_ record: CaptionRecord) throws {
    guard let caption = record.captions.first else { return }
    try DestinationFailure.scoped {
      let file = try places.place(of: record.image).image
      if let other = TextSidecar.namesake(of: file, naming: places.naming) {
        throw ImageFailure(
          "would share its sidecar with \(other): give them names of their own with `sidecar_names=full`")
      }
      try sidecar(of: record.image).write(caption.text)
    }
  }

  private func sidecar(of image: LibraryImage) throws -> TextSidecar {
    let place = try places.place(of: image)
    return TextSidecar(of: place.image, in: place.folder, naming: places.naming, ending: ending)
  }
}

/// XMP files beside images, merged where there are some: `dc:description` and the alternative text.
package final class XMPSidecars: CaptionSink {
  private let places: SidecarPlaces

  package init(_ places: SidecarPlaces) { self.places = places }

  package func prepare() throws { try places.prepare() }

  package func folder(of image: LibraryImage) -> URL? { try? places.place(of: image).folder }

  package func existing(_ image: LibraryImage) throws -> ExistingCaption? {
    guard let caption = try? sidecar(of: image).caption() else { return nil }
    return .caption(caption)
  }

  package func receive(_ record: CaptionRecord) throws {
    guard let caption = record.captions.first else { return }
    try DestinationFailure.scoped { try sidecar(of: record.image).write(caption.text) }
  }

  private func sidecar(of image: LibraryImage) throws -> XMPSidecar {
    let place = try places.place(of: image)
    return XMPSidecar(of: place.image, in: place.folder, naming: places.naming)
  }
}

/// Captions inside the image files themselves.
package final class EmbeddedCaptions: CaptionSink {
  private let options: EmbeddingOptions
  private let keepsTime: Bool

  /// - Parameter keepsTime: whether files keep the time when they were last changed.
  package init(_ options: EmbeddingOptions = EmbeddingOptions(), keepsTime: Bool = false) {
    self.options = options
    self.keepsTime = keepsTime
  }

  package var changesImages: Bool { true }

  package func folder(of image: LibraryImage) -> URL? { image.file?.deletingLastPathComponent() }

  package func existing(_ image: LibraryImage) throws -> ExistingCaption? {
    guard let file = image.file, let caption = try? ImageFileCaption.read(file) else { return nil }
    return .caption(caption)
  }

  package func receive(_ record: CaptionRecord) throws {
    guard let caption = record.captions.first else { return }
    guard let file = record.image.file else {
      throw ImageFailure("is in an archive, whose images aren't changed")
    }
    try DestinationFailure.scoped {
      try ImageFileCaption.write(caption.text, to: file, options, keepsTime: keepsTime)
    }
  }
}
