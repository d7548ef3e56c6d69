package import VignetteImages

/// Draws where a model looked: the image, then once more for each word, bright where the word came from.
package enum AttentionFigure {
  /// The longer side of a panel's image, in pixels.
  private static let side = 240
  private static let margin = 14
  private static let letterScale = 2
  private static let background: Canvas.Colour = (255, 255, 255)
  private static let ink: Canvas.Colour = (28, 28, 34)

  /// - Parameters:
  ///   - image: upright, as it was captioned.
  ///   - layer: a layer of the text part, from 0; nil for the mean of all.
  /// - Returns: a figure in which the brightness of each panel is relative to the word's greatest weight.
  /// - Throws: `ImageError` where there isn't enough memory.
  package static func draw(
    _ image: RGBImage, caption: String, _ attention: CaptionAttention, layer: Int? = nil
  ) throws -> RGBImage {
    let longest = Double(max(1, image.width, image.height))
    let (width, height) = (
      max(1, Int((Double(image.width * side) / longest).rounded())),
      max(1, Int((Double(image.height * side) / longest).rounded()))
    )
    let small = try image.resized(width: width, height: height, resampling: .lanczos)
    let panels =
      [Panel(image: small, label: "")]
      + attention.words.map { word in
        Panel(
          image: heated(small, attention.weights(of: word, layer: layer), attention),
          label: word.text)
      }
    return layOut(
      panels, title: caption, cell: (max(width, side / 2) + margin, height + labelHeight + margin))
  }

  private struct Panel {
    let image: RGBImage
    let label: String
  }

  private static var labelHeight: Int { letterScale * BitmapFont.height + 8 }

  private static func layOut(
    _ panels: [Panel], title: String, cell: (width: Int, height: Int)
  ) -> RGBImage {
    let columns = min(panels.count, max(2, Int((Double(panels.count) * 1.4).squareRoot().rounded(.up))))
    let rows = (panels.count + columns - 1) / columns
    let width = columns * cell.width + margin
    let lines = wrapped(title, width: (width - 2 * margin) / (BitmapFont.advance * letterScale))
    let lineHeight = letterScale * (BitmapFont.height + 2)
    let top = margin + lines.count * lineHeight + (lines.isEmpty ? 0 : margin / 2)
    var canvas = Canvas(width: width, height: top + rows * cell.height, background)
    for (number, line) in lines.enumerated() {
      canvas.write(line, x: margin, y: margin + number * lineHeight, scale: letterScale, ink)
    }
    for (number, panel) in panels.enumerated() {
      let (row, column) = number.quotientAndRemainder(dividingBy: columns)
      let (left, y) = (margin + column * cell.width, top + row * cell.height)
      let room = cell.width - margin
      canvas.place(panel.image, x: left + (room - panel.image.width) / 2, y: y)
      let label = fitted(panel.label, width: room)
      canvas.write(
        label.text, x: left + (room - Canvas.width(of: label.text, scale: label.scale)) / 2,
        y: y + panel.image.height + 6, scale: label.scale, ink)
    }
    return canvas.image
  }

  /// A word in large letters, in small ones, or cut off.
  private static func fitted(_ text: String, width: Int) -> (text: String, scale: Int) {
    for scale in [letterScale, 1] where Canvas.width(of: text, scale: scale) <= width { return (text, scale) }
    return (text.prefix(max(0, width / BitmapFont.advance - 3)) + "...", 1)
  }

  /// Lines of so many letters at most; longer words are cut.
  private static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        var rest = word
        while rest.count > max(1, width) {
          lines.append(String(rest.prefix(max(1, width))))
          rest = rest.dropFirst(max(1, width))
        }
        lines.append(String(rest))
      }
    }
    return lines
  }

  /// The image in dark greys, with colour where the weights are.
  private static func heated(_ image: RGBImage, _ weights: [Float], _ attention: CaptionAttention) -> RGBImage
  {
    let greatest = weights.max() ?? 0
    let map = HeatMap(
      values: weights.map { greatest > 0 ? $0 / greatest : 0 }, rows: attention.rows,
      columns: attention.columns, area: attention.area)
    var pixels = image.pixels
    for y in 0..<image.height {
      for x in 0..<image.width {
        let at = 3 * (y * image.width + x)
        let grey = 0.3 * Float(pixels[at]) + 0.59 * Float(pixels[at + 1]) + 0.11 * Float(pixels[at + 2])
        let heat = map.value(
          x: (Double(x) + 0.5) / Double(image.width), y: (Double(y) + 0.5) / Double(image.height))
        // Beyond what the model saw, the image is fainter still.
        let base = grey * (heat == nil ? 0.25 : 0.5)
        let (colour, opacity) = HeatMap.colour(heat ?? 0)
        for channel in 0..<3 {
          pixels[at + channel] = UInt8(base + (colour[channel] - base) * opacity)
        }
      }
    }
    return RGBImage(width: image.width, height: image.height, pixels: pixels)
  }
}

/// Values from 0 to 1 on a grid over a part of an image.
private struct HeatMap {
  let values: [Float]
  let rows: Int
  let columns: Int
  let area: ImageArea

  /// The value at a point of the image, between the centres of the grid's cells; nil outside of the grid.
  func value(x: Double, y: Double) -> Float? {
    let (inX, inY) = ((x - area.x) / area.width, (y - area.y) / area.height)
    guard (0...1).contains(inX), (0...1).contains(inY), !values.isEmpty else { return nil }
    let (left, right, across) = Self.neighbours(inX, columns)
    let (above, below, down) = Self.neighbours(inY, rows)
    func row(_ row: Int) -> Float {
      values[row * columns + left] * (1 - across) + values[row * columns + right] * across
    }
    return row(above) * (1 - down) + row(below) * down
  }

  /// The cells beside a share of the grid's length, and how far it is from the first to the second.
  private static func neighbours(_ share: Double, _ count: Int) -> (Int, Int, Float) {
    let position = min(max(share * Double(count) - 0.5, 0), Double(count - 1))
    let first = Int(position)
    return (first, min(first + 1, count - 1), Float(position - Double(first)))
  }

  /// From nothing by red and orange to a light yellow.
  static func colour(_ value: Float) -> (channels: [Float], opacity: Float) {
    let stops: [(at: Float, channels: [Float])] = [
      (0, [120, 20, 60]), (0.4, [214, 60, 40]), (0.75, [250, 150, 40]), (1, [255, 240, 150]),
    ]
    let next = stops.firstIndex { $0.at >= value } ?? stops.count - 1
    guard next > 0 else { return (stops[0].channels, 0) }
    let (low, high) = (stops[next - 1], stops[next])
    let part = (value - low.at) / (high.at - low.at)
    return (zip(low.channels, high.channels).map { $0 + ($1 - $0) * part }, min(0.85, 1.1 * value))
  }
}

/// An image that is drawn on.
private struct Canvas {
  typealias Colour = (UInt8, UInt8, UInt8)

  let width: Int
  let height: Int
  private var pixels: [UInt8]

  init(width: Int, height: Int, _ colour: Colour) {
    self.width = width
    self.height = height
    pixels = []
    pixels.reserveCapacity(3 * width * height)
    for _ in 0..<width * height { pixels += [colour.0, colour.1, colour.2] }
  }

  var image: RGBImage { RGBImage(width: width, height: height, pixels: pixels) }

  /// How wide a line is, without the gap behind its last letter.
  static func width(of text: String, scale: Int) -> Int {
    max(0, BitmapFont.letters(text).count * BitmapFont.advance - 1) * scale
  }

  mutating func place(_ image: RGBImage, x: Int, y: Int) {
    for row in 0..<image.height where (0..<height).contains(y + row) {
      let columns = max(0, -x)..<max(max(0, -x), min(image.width, width - x))
      let from = 3 * (row * image.width + columns.lowerBound)
      let to = 3 * ((y + row) * width + x + columns.lowerBound)
      for i in 0..<3 * columns.count { pixels[to + i] = image.pixels[from + i] }
    }
  }

  mutating func write(_ text: String, x: Int, y: Int, scale: Int, _ colour: Colour) {
    for (number, glyph) in BitmapFont.letters(text).enumerated() {
      for (column, bits) in glyph.enumerated() {
        for row in 0..<BitmapFont.height where bits >> row & 1 == 1 {
          fill(
            x: x + (number * BitmapFont.advance + column) * scale, y: y + row * scale, size: scale, colour)
        }
      }
    }
  }

  private mutating func fill(x: Int, y: Int, size: Int, _ colour: Colour) {
    for row in y..<y + size where (0..<height).contains(row) {
      for column in x..<x + size where (0..<width).contains(column) {
        let at = 3 * (row * width + column)
        (pixels[at], pixels[at + 1], pixels[at + 2]) = colour
      }
    }
  }
}
