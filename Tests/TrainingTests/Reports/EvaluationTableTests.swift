import Testing
import Training

@Suite struct EvaluationTableTests {
  private static let history = [
    LogEntry([("eval_loss", 11), ("eval_rouge1", 0)], epoch: 0, step: 0),
    LogEntry.training(loss: 3.5, gradientNorm: 1, learningRate: 1e-4, epoch: 0.5, step: 50),
    LogEntry.training(loss: 2.98766, gradientNorm: 1, learningRate: 1e-4, epoch: 1, step: 100),
    evaluation(epoch: 1, loss: 2.5, scores: [23.154, 5, 21.25, 21.5, 11.2955, 0.0412, 0.1234]),
    LogEntry.training(loss: .nan, gradientNorm: 1, learningRate: 1e-4, epoch: 2, step: 200),
    evaluation(epoch: 2, loss: .infinity, scores: [100, 100, 100, 100, 99.99, 1, 9.99]),
  ]

  private static func evaluation(epoch: Double, loss: Double, scores: [Double]) -> LogEntry {
    // In the order of a file that was read back.
    let names = ["rouge1", "rouge2", "rougeL", "rougeLsum", "gen_len", "bleu_4", "cider"]
    let metrics = zip(names, scores).sorted { $0.0 < $1.0 } + [("distinct_captions", 0.5)]
    return .evaluation(
      loss: loss, metrics: metrics, speed: Speed(runtime: 1, samples: 1, steps: 1), epoch: epoch,
      step: Int(100 * epoch))
  }

  @Test func rowsLineUp() {
    let records = EvaluationRecord.all(in: Self.history)
    #expect(
      EvaluationTable.text(Array(records.dropFirst())) == """
              Training Validation
        Epoch     Loss       Loss Rouge1 Rouge2 Rougel Rougelsum Gen Len Bleu 4  CIDEr
        ───── ──────── ────────── ────── ────── ────── ───────── ─────── ────── ──────
            1   2.9877     2.5000  23.15 5.0000  21.25     21.50   11.30 0.0412 0.1234
            2      NaN          ∞ 100.00 100.00 100.00    100.00   99.99 1.0000 9.9900
        """)
  }

  @Test func aRowWithoutALogOrAMetric() {
    let records = EvaluationRecord.all(in: Self.history)
    var table = EvaluationTable(firstColumn: .step)
    #expect(table.append(records[1]).split(separator: "\n").count == 4)
    #expect(
      table.append(records[0])
        == "      0   No log      11.00 0.0000 No log No log    No log  No log No log No log")
  }

  @Test(arguments: [(2, "2"), (2.5, "2.50"), (0.004, "0.00")])
  func epochs(_ epoch: Double, _ text: String) {
    let record = EvaluationRecord(epoch: epoch, step: 1, trainingLoss: 1, validationLoss: 1, metrics: [])
    #expect(EvaluationTable.text([record]).split(separator: "\n")[3].split(separator: " ")[0] == text)
  }
}
