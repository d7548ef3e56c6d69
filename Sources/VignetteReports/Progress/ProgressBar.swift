import Foundation
import Synchronization

/// A progress bar that shares the terminal with other output.
///
///     let bar = ProgressBar("Captioning", total: files.count, unit: "captions")
///     for file in files {
///       let caption = try await captioner.caption(file)
///       bar.interrupt { print(caption) }  // appears above the bar
///       bar.advance()
///     }
///     bar.finish()
///
/// Where standard error is no terminal it shows nothing, or a line now and then; see `ProgressOutput`. It may be
/// used from several threads. A bar that goes away unfinished removes its line, so an error stands on a clean one.
public final class ProgressBar: Sendable {
  private struct Drawing {
    var state: ProgressState
    var rate = RateEstimate()
    var updateTime: Double
    var showTime: Double
    /// How many were done in the line shown last.
    var shownCount: Int?
    var isOnScreen = false
    var isFinished = false
    /// How many are printing something else now, and since when.
    var interruptions = 0
    var pauseTime = 0.0
  }

  /// The bar is drawn at most every so many seconds.
  private static let interval = 0.1

  private let output: ProgressOutput
  private let startTime: Double
  private let drawing: Mutex<Drawing>

  /// - Parameters:
  ///   - total: nil where the end isn't known.
  ///   - completed: what was done before, as by a run that goes on; it doesn't count as speed.
  public init(
    _ title: String, total: Int?, unit: ProgressUnit, completed: Int = 0,
    output: ProgressOutput = .standardError()
  ) {
    self.output = output
    startTime = output.now()
    let state = ProgressState(title: title, completed: completed, total: total, unit: unit)
    drawing = Mutex(Drawing(state: state, updateTime: startTime, showTime: startTime))
    if case .bar = output.kind { drawing.withLock { show(&$0) } }
  }

  deinit {
    drawing.withLock { clear(&$0) }
  }

  /// Counts `count` things more as done.
  ///
  /// - Parameter fields: replace those beside the bar; nil keeps them.
  public func advance(by count: Int = 1, fields: [ProgressState.Field]? = nil) {
    drawing.withLock { update(&$0, adding: count, fields: fields) }
  }

  /// Says that `completed` things are done in all.
  public func update(to completed: Int, fields: [ProgressState.Field]? = nil) {
    drawing.withLock { update(&$0, adding: completed - $0.state.completed, fields: fields) }
  }

  /// Writes a line above the bar.
  public func println(_ text: String) {
    drawing.withLock { drawing in
      let wasOnScreen = drawing.isOnScreen
      clear(&drawing)
      output.write(text + "\n")
      if wasOnScreen { show(&drawing) }
    }
  }

  /// Takes the bar away while `body` prints something of its own, on any stream.
  public func interrupt<Result>(_ body: () throws -> Result) rethrows -> Result {
    pause()
    defer { resume() }
    return try body()
  }

  /// Takes the bar away until ``resume()``, as for another bar. The time until then doesn't count as slow work.
  public func pause() {
    drawing.withLock { drawing in
      if drawing.interruptions == 0 { drawing.pauseTime = output.now() }
      drawing.interruptions += 1
      clear(&drawing)
    }
  }

  /// Shows the bar again after as many calls as there were of ``pause()``.
  public func resume() {
    if isBar { fflush(nil) }
    drawing.withLock { drawing in
      precondition(drawing.interruptions > 0, "only a paused bar is resumed")
      drawing.interruptions -= 1
      if drawing.interruptions == 0 { drawing.updateTime += output.now() - drawing.pauseTime }
      if isBar { show(&drawing) }
    }
  }

  /// Shows the last state and leaves it there, or takes the bar away. Nothing is shown after that.
  public func finish(leavesLine: Bool = true) {
    drawing.withLock { drawing in
      guard !drawing.isFinished else { return }
      if leavesLine {
        show(&drawing)
        if drawing.isOnScreen { output.write("\n") }
        drawing.isOnScreen = false
      } else {
        clear(&drawing)
      }
      drawing.isFinished = true
    }
  }

  private var isBar: Bool {
    if case .bar = output.kind { true } else { false }
  }

  private func update(_ drawing: inout Drawing, adding count: Int, fields: [ProgressState.Field]?) {
    let now = output.now()
    drawing.rate.add(count, duration: now - drawing.updateTime)
    drawing.updateTime = now
    drawing.pauseTime = now
    drawing.state.completed += count
    if let fields { drawing.state.fields = fields }
    let interval =
      switch output.kind {
      case .bar: Self.interval
      case .lines(let seconds): seconds
      case .nothing: Double.infinity
      }
    if now - drawing.showTime >= interval { show(&drawing) }
  }

  private func show(_ drawing: inout Drawing) {
    guard !drawing.isFinished, drawing.interruptions == 0 else { return }
    let now = output.now()
    drawing.showTime = now
    drawing.state.elapsed = now - startTime
    drawing.state.rate = drawing.rate.perSecond
    switch output.kind {
    case .bar(let style):
      // Clearing after drawing, not before, doesn't flicker.
      output.write("\r" + drawing.state.line(width: output.columns(), style: style) + Self.clearRest)
      drawing.isOnScreen = true
    case .lines:
      if drawing.shownCount != drawing.state.completed { output.write(drawing.state.sentence + "\n") }
    case .nothing: break
    }
    drawing.shownCount = drawing.state.completed
  }

  private func clear(_ drawing: inout Drawing) {
    guard drawing.isOnScreen else { return }
    output.write("\r" + Self.clearRest)
    drawing.isOnScreen = false
  }

  private static let clearRest = "\u{1B}[K"
}

/// How fast things get done lately: a mean in which what was done `memory` seconds ago counts 1/e.
struct RateEstimate: Sendable {
  private let memory: Double
  private var items = 0.0
  private var seconds = 0.0

  init(memory: Double = 30) { self.memory = memory }

  /// Things per second; nil before anything is known.
  var perSecond: Double? { seconds > 0 && items > 0 ? items / seconds : nil }

  /// Counts `count` things that took `duration` seconds.
  mutating func add(_ count: Int, duration: Double) {
    let remembered = exp(-max(0, duration) / memory)
    items = items * remembered + Double(count)
    seconds = seconds * remembered + max(0, duration)
  }
}
