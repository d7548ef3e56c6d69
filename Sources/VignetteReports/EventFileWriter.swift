public import Foundation
import Logging
import VignetteFiles
public import VignetteTrainer

/// Writes a TensorBoard event file: TFRecords of `tensorflow.Event` messages.
///
/// Each event reaches the system in one piece as soon as it is logged, so a killed run loses at most the one
/// that it was writing; TensorBoard ignores a torn record at the end. A resumed run writes a file of its own.
public final class EventFileWriter {
  /// The file, `events.out.tfevents.<time>.<host>.<process>.<number>`.
  public let url: URL
  private let descriptor: CInt
  private let now: () -> Date

  /// Starts a file in `folder`, which is made if it doesn't exist.
  ///
  /// - Parameters:
  ///   - resumedStep: the step of the checkpoint from which a run goes on. What earlier files hold of later
  ///     steps, which the run does again, disappears from TensorBoard.
  ///   - now: the clock.
  public init(
    folder: URL, resumedStep: Int? = nil, now: @escaping () -> Date = { Date() }
  ) throws {
    try FolderMaker.make(folder)
    self.now = now
    (url, descriptor) = try Self.create(in: folder, seconds: Int(now().timeIntervalSince1970))
    let firstStep = resumedStep.map { $0 + 1 } ?? 0
    try write(step: firstStep) { $0.append("brain.Event:2", field: 3) }
    if resumedStep != nil {
      let start = 1
      try write(step: firstStep) { event in event.append(field: 7) { $0.append(start, field: 1) } }
    }
  }

  deinit { close(descriptor) }

  /// Logs the numbers of `entry` at its step, under the tags that Transformers gives them: `eval_loss` becomes
  /// `eval/loss`, `loss` becomes `train/loss`.
  public func log(_ entry: LogEntry) throws {
    let scalars = entry.values.keys.compactMap { name in
      name == "step" ? nil : entry[name].map { (Self.tag(of: name), SummaryValue.scalar($0)) }
    }
    try log(scalars, step: entry.step)
  }

  /// Logs `values`, each under its tag.
  public func log(_ values: some Sequence<(tag: String, value: SummaryValue)>, step: Int) throws {
    try write(step: step) { event in
      event.append(field: 5) { summary in
        for (tag, value) in values { summary.append(field: 1) { value.append(tag: tag, to: &$0) } }
      }
    }
  }

  private static func tag(of name: String) -> String {
    for prefix in ["eval", "test"] where name.hasPrefix("\(prefix)_") {
      return "\(prefix)/\(name.dropFirst(prefix.count + 1))"
    }
    return "train/\(name)"
  }

  // Two writers of one process may start in the same second.
  private static func create(in folder: URL, seconds: Int) throws -> (URL, CInt) {
    let information = ProcessInfo.processInfo
    let name = String(format: "events.out.tfevents.%010d", seconds)
    var number = 0
    while true {
      let url = folder.appendingPathComponent(
        "\(name).\(information.hostName).\(information.processIdentifier).\(number)")
      let descriptor = FileSystem.open(url.path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND)
      if descriptor >= 0 { return (url, descriptor) }
      guard errno == EEXIST else { throw SystemError("write", url.path) }
      number += 1
    }
  }

  private func write(step: Int, _ fill: (inout ProtobufMessage) -> Void) throws {
    var event = ProtobufMessage()
    event.append(now().timeIntervalSince1970, field: 1)
    if step != 0 { event.append(step, field: 2) }
    fill(&event)
    try append(record: event.bytes)
  }

  // A TFRecord: the length, its masked checksum, the data, its masked checksum.
  private func append(record data: [UInt8]) throws {
    let length = withUnsafeBytes(of: UInt64(data.count).littleEndian) { Array($0) }
    var record = length
    withUnsafeBytes(of: CRC32C.masked(length).littleEndian) { record.append(contentsOf: $0) }
    record.append(contentsOf: data)
    withUnsafeBytes(of: CRC32C.masked(data).littleEndian) { record.append(contentsOf: $0) }
    try record.withUnsafeBytes { try SequentialWrite.write($0, to: descriptor, path: url.path) }
  }
}

/// The Castagnoli checksum (polynomial 0x82F63B78, reflected), as TFRecord files use it.
package enum CRC32C {
  package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(0xFFFF_FFFF) { sum, byte in sum >> 8 ^ table[Int((sum ^ UInt32(byte)) & 0xFF)] }
  }

  /// The checksum, changed so that data that holds its own checksum doesn't cancel it: TFRecord's masked CRC.
  package static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let sum = checksum(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 0 ? 0 : 0x82F6_3B78) }
  }
}

/// Writes a run's log as TensorBoard event files.
public final class TensorBoardCallback: TrainerCallback {
  private let folder: URL
  private var writer: EventFileWriter?

  /// - Parameter folder: gets a file for each time that the run is started; made where it doesn't exist.
  public init(folder: URL) { self.folder = folder }

  public func trainingBegan(_ state: TrainerState) {
    reporting {
      writer = try EventFileWriter(folder: folder, resumedStep: state.globalStep > 0 ? state.globalStep : nil)
    }
  }

  public func logged(_ entry: LogEntry) {
    reporting { try writer?.log(entry) }
  }

  /// A log that can't be written is no reason to lose a run. It is given up then, and that is reported once.
  private func reporting(_ work: () throws -> Void) {
    do {
      try work()
    } catch {
      writer = nil
      Logger(label: "vignette.training").warning("the run isn't logged for TensorBoard: \(error)")
    }
  }
}
