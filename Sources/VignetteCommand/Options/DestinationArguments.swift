import ArgumentParser
import Foundation
import VignetteFiles
import VignetteLibrary
import VignetteImages
import VignetteMetadata

/// Where captions go besides the lines or the file of rows: beside images, into them, into a report.
struct DestinationArguments: ParsableArguments {
  @Option(
    help: """
      Ending of a file beside each image that gets its caption: txt or caption, as programs that train on images read them, or \
      xmp, which is merged with what there is (dc:description and the alternative text). May be repeated.
      """)
  var sidecar: [String] = []

  @Option(help: "Folder for sidecars instead of the images' own, with the same folders in it.")
  var sidecarFolder: String?

  @Option(
    help: """
      Names of new sidecars: full (photo.jpg.xmp, as digiKam, darktable and Immich know them) or stem (photo.txt, and \
      Lightroom's photo.xmp). Without it, full for xmp and stem for others.
      """)
  var sidecarNames: SidecarNaming?

  @Flag(
    help: """
      Write captions into the images themselves (JPEG, PNG, WebP): XMP, EXIF's ImageDescription, and IPTC where there is some. \
      Pixels and all other metadata stay as they are.
      """)
  var embed = false

  @Flag(help: "Keep the time when an image was last changed, with --embed.")
  var keepTime = false

  @Option(
    help:
      "Page to look through images and captions, edit these and save them; small images go to a folder beside it."
  )
  var html: String?

  func validate() throws {
    for ending in sidecar {
      guard ending.wholeMatch(of: /[A-Za-z0-9_-]{1,32}/) != nil else {
        throw ValidationError("--sidecar is an ending without a dot, such as txt or xmp, and not \(ending)")
      }
      guard !ImageFileKind.isImage(named: "a.\(ending)") else {
        throw ValidationError("--sidecar \(ending) is an image's ending; take txt, caption or xmp")
      }
    }
    if keepTime, !embed { throw ValidationError("--keep-time changes nothing without --embed") }
    if sidecar.isEmpty {
      if sidecarFolder != nil { throw ValidationError("--sidecar-folder changes nothing without --sidecar") }
      if sidecarNames != nil { throw ValidationError("--sidecar-names changes nothing without --sidecar") }
    }
  }

  /// Whether any is asked for.
  var isEmpty: Bool { sidecar.isEmpty && !embed && html == nil }

  /// What is asked for.
  ///
  /// - Parameters:
  ///   - existing: what becomes of captions that are there already.
  ///   - roots: the folders and files that were given as arguments, as they were given.
  /// - Throws: what is wrong with the options' values.
  func sinks(existing: ExistingMode, roots: [String]) throws -> [any CaptionSink] {
    var sinks: [any CaptionSink] = Set(sidecar).sorted().map { ending -> any CaptionSink in
      let isXMP = ending.lowercased() == "xmp"
      let places = SidecarPlaces(
        folder: sidecarFolder.map { FileName.url($0, isFolder: true) },
        naming: sidecarNames ?? (isXMP ? .full : .stem), roots: roots)
      return isXMP ? XMPSidecars(places) : TextSidecars(places, ending: ending)
    }
    // Images change before the report shows them.
    if embed { sinks.append(EmbeddedCaptions(keepsTime: keepTime)) }
    if let html {
      let title = roots.count == 1 ? FileName.url(roots[0]).lastPathComponent : "Captions"
      sinks.append(CaptionReport(at: FileName.url(html, isFolder: false), title: FileName.printed(title)))
    }
    return sinks
  }
}

extension SidecarNaming: ExpressibleByArgument {}
