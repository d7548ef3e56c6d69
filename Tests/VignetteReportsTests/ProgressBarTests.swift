import Synchronization
import Foundation
import VignetteTestSupport
import Testing
import VignetteEvaluation
import VignetteReports
import VignetteTrainer

@Suite struct ProgressBarTests {
  private static let training = ProgressState(
    title: "Training", completed: 126, total: 300, unit: "steps", elapsed: 21, rate: 6,
    fields: [.init("loss", 2.31), .init("lr", 4.2e-5)])

  @Test(arguments: [
    (
      120,
      "Training  42% ━━━━━━━━━━━━━━━━╸─────────────────────── 126/300  00:21 < 00:29  loss 2.31  lr 4.2e-05  6.00 steps/s"
    ),
    (90, "Training  42% ━━━━━━───────── 126/300  00:21 < 00:29  loss 2.31  lr 4.2e-05  6.00 steps/s"),
    (60, "Training  42% ━━━━╸────── 126/300  00:21 < 00:29  loss 2.31"),
    (40, "Training  42% ━━━━━━━────────── 126/300"),
    (30, "Training  42% 126/300"),
    (12, "Training  4"),
    (1, ""), (0, ""), (-5, ""),
  ])
  func lines(_ width: Int, _ expected: String) {
    let line = Self.training.line(width: width)
    #expect(line == expected)
    #expect(line.count <= max(0, width - 1))
  }

  @Test func otherStyles() {
    #expect(
      Self.training.line(width: 60, style: ProgressStyle(usesColor: false, usesUnicode: false))
        == "Training  42% [###......] 126/300  00:21 < 00:29  loss 2.31")
    #expect(
      Self.training.line(width: 40, style: ProgressStyle(usesColor: true, usesUnicode: true))
        == "Training  42% \u{1B}[32m━━━━━━━\u{1B}[0;2m━━━━━━━━━━\u{1B}[0m 126/300")
    #expect(
      Self.training.sentence
        == "Training: 126/300 (42%), 00:21 elapsed, 00:29 left, loss 2.31, lr 4.2e-05, 6.00 steps/s")
  }

  @Test(arguments: [
    (
      ProgressState(title: "Reading", completed: 7, unit: "captions", elapsed: 3671, rate: 123.4),
      "Reading 7 captions  1:01:11  123 captions/s"
    ),
    (
      ProgressState(
        title: "Fetching", completed: 204_000_000, total: 815_585_330, unit: .bytes, elapsed: 18,
        rate: 11_300_000),
      "Fetching  25% ━━━━━━─────────────────── 204 MB/816 MB  00:18 < 00:54  11.3 MB/s"
    ),
    (
      ProgressState(title: "Fetching", completed: 812, unit: .bytes, elapsed: 1, rate: 1234.5),
      "Fetching 812 B  00:01  1.23 kB/s"
    ),
    (
      ProgressState(title: "None", total: 0, unit: "steps"),
      "None 100% ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 0/0  00:00"
    ),
    (
      ProgressState(title: "Too many", completed: 5, total: 2, unit: "steps", elapsed: .infinity),
      "Too many 100% ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 5/2  –"
    ),
  ])
  func oddStates(_ state: ProgressState, _ expected: String) {
    #expect(state.line(width: 80) == expected)
  }

  @Test func itIsDrawnTenTimesASecondAtMost() {
    let terminal = FakeTerminal()
    let bar = ProgressBar("Work", total: 1000, unit: "steps", output: terminal.output(.bar(.plain)))
    for _ in 0..<500 {
      terminal.wait(1.0 / 64)
      bar.advance()
    }
    let draws = terminal.take().split(separator: "\r").count
    #expect((70...73).contains(draws), "drawn \(draws) times")
    bar.finish()
    #expect(
      FakeTerminal.screen(terminal.take()) == [
        "Work  50% ━━━━━╸───── 500/1000  00:07 < 00:07  64.0 steps/s", "",
      ])
  }

  @Test func otherOutputStandsAboveTheBar() {
    let terminal = FakeTerminal()
    let bar = ProgressBar("Work", total: 10, unit: "steps", output: terminal.output(.bar(.plain)))
    bar.println("one")
    let result = bar.interrupt {
      bar.advance()
      terminal.written.withLock { $0 += "two\n" }
      return 2
    }
    #expect(result == 2)
    bar.finish(leavesLine: false)
    bar.advance()
    bar.finish()
    #expect(FakeTerminal.screen(terminal.take()) == ["one", "two", ""])
  }

  @Test func aBarThatGoesAwayCleansItsLine() {
    let terminal = FakeTerminal()
    _ = ProgressBar("Work", total: 10, unit: "steps", output: terminal.output(.bar(.plain)))
    #expect(FakeTerminal.screen(terminal.take()) == [""])
  }

  @Test func withoutATerminalThereAreLinesOrNothing() {
    let terminal = FakeTerminal()
    let lines = ProgressBar("Work", total: 100, unit: "steps", output: terminal.output(.lines(every: 30)))
    let silent = ProgressBar("Work", total: 100, unit: "steps", output: terminal.output(.nothing))
    for _ in 0..<60 {
      terminal.wait(1)
      lines.advance()
      silent.advance()
    }
    lines.println("above")
    lines.finish()
    silent.finish()
    #expect(
      terminal.take() == """
        Work: 30/100 (30%), 00:30 elapsed, 01:10 left, 1.00 steps/s
        Work: 60/100 (60%), 01:00 elapsed, 00:40 left, 1.00 steps/s
        above

        """)
  }

  @Test func timeLeftFollowsTheSpeedOfLateAndNotWhatWasDoneBefore() {
    let terminal = FakeTerminal()
    let bar = ProgressBar(
      "Work", total: 10_000, unit: "steps", completed: 5000, output: terminal.output(.bar(.plain)))
    for _ in 0..<100 {
      terminal.wait(1)
      bar.advance(by: 10)
    }
    for step in 1...300 {
      terminal.wait(1)
      bar.update(to: 6000 + step)
    }
    bar.finish()
    // 10 a second at first, 1 a second for the last five minutes.
    let line = FakeTerminal.screen(terminal.take())[0]
    #expect(line.contains("6300/10000  06:40 < 1:01:"), "\(line)")
  }

  @Test func aPauseTellsNothingAboutTheSpeed() {
    let terminal = FakeTerminal()
    let bar = ProgressBar("Work", total: 100, unit: "steps", output: terminal.output(.bar(.plain)))
    for _ in 0..<10 {
      terminal.wait(1)
      bar.advance(by: 5)
    }
    bar.pause()
    #expect(FakeTerminal.screen(terminal.take()) == [""])
    bar.println("meanwhile")
    terminal.wait(1000)
    #expect(FakeTerminal.screen(terminal.take()) == ["meanwhile", ""])
    bar.resume()
    terminal.wait(1)
    bar.advance(by: 5)
    let line = FakeTerminal.screen(terminal.take())[0]
    #expect(line.contains("55/100  16:51 < 00:09  5.00 steps/s"), "\(line)")
  }

  @Test func manyThreads() async {
    let terminal = FakeTerminal()
    let bar = ProgressBar("Work", total: 8000, unit: "steps", output: terminal.output(.bar(.plain)))
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { for _ in 0..<1000 { bar.advance() } } }
    }
    bar.finish()
    #expect(FakeTerminal.screen(terminal.take())[0].contains("8000/8000"))
  }

  @Test func whatATerminalIs() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data(), to: "file")
    let handle = try FileHandle(forReadingFrom: file)
    func terminal(_ environment: [String: String]) -> Terminal {
      Terminal(descriptor: handle.fileDescriptor, environment: environment)
    }
    #expect(!terminal([:]).canRedraw && !terminal([:]).style.usesColor)
    #expect(terminal([:]).columns == 80)
    #expect(terminal(["COLUMNS": "132"]).columns == 132)
    #expect(terminal(["COLUMNS": "-1"]).columns == 80)
    #expect(terminal(["LANG": "de_DE.UTF-8"]).style.usesUnicode)
    #expect(!terminal(["LANG": "de_DE.UTF-8", "LC_ALL": "C"]).style.usesUnicode)
  }
}
