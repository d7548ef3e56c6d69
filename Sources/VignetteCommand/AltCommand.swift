import ArgumentParser
import Foundation
import Vignette
import VignetteFiles
import VignetteImages
import VignetteLibrary
import VignetteReports

struct AltCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alt",
    abstract: "Fills in the alternative texts that a website's images lack.",
    discussion: """
      Looks through the HTML and Markdown files in a folder for images without an alternative text: <img> without alt, \
      and ![](photo.jpg). Those that are files of the folder are captioned, and their captions written there; nothing else in \
      the files changes. alt="" says that an image is decoration, and stays. Remote images and data: addresses are left.

        vignette alt --model ./model site/ --dry-run | less
        vignette alt --model ./model site/ --review filled.jsonl
        vignette alt site/ --check

      A caption says what is to be seen, not what an image is there for: look through what was filled in.

      Exit status: 0 nothing is missing, or all was filled in · 1 with --check or --dry-run, something is missing; \
      otherwise, some images could not be captioned · 2 the model or the folder doesn't work.
      """)

  @Argument(help: "Folder of the website, which addresses that begin with / start from.")
  var folder: String

  @Option(help: "Checkpoint folder, or name of a model on the Hugging Face hub. Not needed with --check.")
  var model: String?

  @Flag(help: "Print what would change as a diff, and change nothing.")
  var dryRun = false

  @Flag(help: "List the images without a text, a line each, and caption nothing: for continuous integration.")
  var check = false

  @Option(
    help: """
      File of captions by the images' contents, so that an image is captioned once; by default vignette/alt.jsonl in \
      XDG_CACHE_HOME or ~/.cache.
      """)
  var cache: String?

  @Option(
    help: "File for the list of what was filled in, a line of JSON each (page, line, image, alt, score).")
  var review: String?

  @OptionGroup(title: "Texts")
  var text: TextArguments

  @OptionGroup(title: "Generation")
  var generation: GenerationArguments

  @Option(parsing: .unconditional, help: "Number of images that go through the model at a time.")
  var batchSize = 8

  @Option(help: "Compute dtype.")
  var dtype = Precision.float32

  @Option(
    parsing: .unconditional,
    help: "Maximum number of pixels of an image; larger ones are refused before they are decoded.")
  var maxImagePixels = CaptionerOptions().maximumImagePixels

  @OptionGroup(title: "Models") var hub: HubArguments
  @OptionGroup var compute: ComputeArguments

  func validate() throws {
    if model == nil, !check {
      throw ValidationError("--model is missing: it captions the images (or give --check to list them)")
    }
    if check, dryRun {
      throw ValidationError("give --check or --dry-run: the one lists, the other prints a diff")
    }
    if check, review != nil {
      throw ValidationError("--review changes nothing with --check, which fills nothing in")
    }
    if batchSize < 1 { throw ValidationError("--batch-size must be at least 1, but is \(batchSize)") }
    if maxImagePixels < 1 {
      throw ValidationError("--max-image-pixels must be at least 1, but is \(maxImagePixels)")
    }
  }

  func run() async throws {
    try await reportingErrors {
      compute.apply()
      let site = try SiteGaps(FileName.url(folder, isFolder: true))
      describe(site)
      if check {
        try list(site)
        if site.gapCount > 0 { throw ExitStatus.someFailed }
        return
      }
      let filled = try write(try await captions(for: site), site)
      let missing = dryRun ? site.gapCount : site.gapCount - filled.count
      if missing > 0 { throw ExitStatus.someFailed }
    }
  }

  // MARK: What is missing

  private func describe(_ site: SiteGaps) {
    for page in site.unreadPages {
      StandardError.print("\(FileName.printed(page.path)): \(page.reason)")
    }
    let images = Quantity(site.gapCount, "image")
    StandardError.print(
      "\(Quantity(site.pageCount, "page")), \(site.pages.count) with \(images) without an alternative text")
    guard !check else { return }
    for page in site.pages {
      for gap in page.gaps {
        if let problem = gap.problem {
          StandardError.print("\(FileName.printed(page.path)):\(gap.line): \(problem)")
        }
      }
    }
  }

  private func list(_ site: SiteGaps) throws {
    for page in site.pages {
      for gap in page.gaps {
        let what = gap.image.map { FileName.printed($0) } ?? gap.problem ?? ""
        try StandardOutput.print("\(FileName.printed(page.path)):\(gap.line): \(what)")
      }
    }
  }

  // MARK: Captions

  /// Captions of the site's images, by their paths: from the cache, else the model's, which is loaded only where
  /// there are some to make.
  private func captions(for site: SiteGaps) async throws -> [String: AltCache.Entry] {
    let cache = try AltCache(at: cacheFile)
    var captions: [String: AltCache.Entry] = [:]
    var images: [AltCache.Key: [String]] = [:]
    var order: [AltCache.Key] = []
    for image in site.images {
      do {
        let key = try AltCache.Key(image: site.file(image), settings: settings)
        if let entry = cache[key] {
          captions[image] = entry
        } else {
          if images[key] == nil { order.append(key) }
          images[key, default: []].append(image)
        }
      } catch {
        StandardError.print("\(FileName.printed(image)): \(ErrorLine(error))")
      }
    }
    guard !order.isEmpty else { return captions }
    let captioner = try await makeCaptioner()
    generation.warnOfIgnored(captioner)
    let progress = Progress("captioning", total: order.count, unit: "images")
    defer { progress.finish() }
    let files = order.map { site.file(images[$0]?.first ?? "") }
    for try await result in captioner.captions(
      of: files, generation: text.banning(generation.options, captioner))
    {
      progress.advance()
      let key = order[result.index]
      let names = images[key] ?? []
      switch result.result {
      case .success(let found):
        guard let best = found.first else { continue }
        let entry = AltCache.Entry(text: best.text, score: best.score ?? Self.meanLogProbability(best))
        try cache.add(entry, for: key)
        for name in names { captions[name] = entry }
      case .failure(let error):
        let reason = (error as? ImageError)?.reason ?? "\(error)"
        for name in names { progress.say("\(FileName.printed(name)): \(reason)") }
      }
    }
    return captions
  }

  private static func meanLogProbability(_ caption: Caption) -> Float? {
    let values = caption.tokenLogProbabilities
    return values.isEmpty ? nil : values.reduce(0, +) / Float(values.count)
  }

  private var cacheFile: URL {
    if let cache { return FileName.url(cache, isFolder: false) }
    let environment = FileName.environment()
    let base = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    let folder = base ?? "\(environment["HOME"] ?? NSHomeDirectory())/.cache"
    return FileName.url(folder, isFolder: true).appendingPathComponent("vignette/alt.jsonl")
  }

  /// What captions depend on besides the image. A folder's model may be trained further, which its files' times tell.
  private var settings: String {
    let model = model ?? ""
    let files = ["config.json", "model.safetensors", "pytorch_model.bin"].map { name in
      let status = FileSystem.status(of: FileName.url(model).appendingPathComponent(name).path)
      return status.map { "\(FileSystem.changed($0))" } ?? "-"
    }
    return "\(model) \(files) \(dtype) \(generation.options) \(text.bannedWords)"
  }

  private func makeCaptioner() async throws -> Captioner {
    var options = CaptionerOptions()
    options.dtype = dtype
    options.batchSize = batchSize
    options.maximumImagePixels = maxImagePixels
    return try await Captioner(modelAt: hub.resolve(model ?? ""), options: options)
  }

  // MARK: Pages

  private func write(_ captions: [String: AltCache.Entry], _ site: SiteGaps) throws -> [SiteGaps.Filled] {
    let rules = text.rules
    let texts = captions.mapValues { rules.applied(to: $0.text) }
    var filled: [SiteGaps.Filled] = []
    for page in site.pages {
      if dryRun {
        let (diff, changes) = try site.difference(page, texts)
        try StandardOutput.write(diff)
        filled += changes
      } else {
        do {
          filled += try site.fill(page, texts)
        } catch  where (error as? SystemError)?.code != ENOSPC {
          StandardError.print("\(ErrorLine(error))")
        }
      }
    }
    if let review {
      try AltReview.write(
        filled, scores: captions.compactMapValues(\.score), to: FileName.url(review, isFolder: false))
    }
    let action = dryRun ? "would be filled in" : "filled in"
    StandardError.print("\(Quantity(filled.count, "alternative text")) \(action)")
    return filled
  }
}
