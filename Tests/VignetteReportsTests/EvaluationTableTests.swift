import Testing
import VignetteEvaluation
import VignetteReports
import VignetteTrainer

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
    let names = ["rouge1", "rouge2", "rougeL", "rougeLsum", "gen_len", "Bleu_4", "CIDEr"]
    let others = [("ROUGE_L", 20.0), ("Bleu_1", 30), ("distinct_captions", 0.5), ("repetition_rate", 0)]
    // In the order of a file that was read back.
    let metrics = (zip(names, scores) + others).sorted { $0.0 < $1.0 }
    return .evaluation(
      loss: loss, metrics: metrics, speed: Speed(runtime: 1, samples: 1, steps: 1), epoch: epoch,
      step: Int(100 * epoch))
  }

  @Test func rowsLineUp() {
    let records = EvaluationRecord.all(in: Self.history)
    let table = EvaluationTable.text(Array(records.dropFirst()))
    #expect(
      table == """
              Training Validation  0–100  0–100  0–100     0–100  tokens  0–100   0–10
        Epoch     Loss       Loss Rouge1 Rouge2 Rougel Rougelsum Gen Len BLEU-4  CIDEr
        ───── ──────── ────────── ────── ────── ────── ───────── ─────── ────── ──────
            1   2.9877     2.5000  23.15   5.00  21.25     21.50   11.30   4.12 0.1234
            2      NaN          ∞ 100.00 100.00 100.00    100.00   99.99 100.00 9.9900
        """)
    #expect(table.split(separator: "\n").allSatisfy { $0.count < 80 })
  }

  @Test func aRowWithoutALogOrAMetric() {
    let records = EvaluationRecord.all(in: Self.history)
    #expect(
      EvaluationTable.text(Array(records.prefix(2)), firstColumn: .step).split(separator: "\n")[3]
        == "      0   No log    11.0000   0.00 No log No log    No log  No log No log No log")
  }

  @Test func withoutGenerationThereAreLossesAlone() {
    let record = EvaluationRecord(epoch: 1, step: 5, trainingLoss: 123_456, validationLoss: 1, metrics: [])
    #expect(
      EvaluationTable.text([record]) == """
              Training Validation
        Epoch     Loss       Loss
        ───── ──────── ──────────
            1 1.235e+05     1.0000
        """)
  }

  @Test(arguments: [(2, "2"), (2.5, "2.50"), (0.004, "0.00")])
  func epochs(_ epoch: Double, _ text: String) {
    let record = EvaluationRecord(epoch: epoch, step: 1, trainingLoss: 1, validationLoss: 1, metrics: [])
    #expect(EvaluationTable.text([record]).split(separator: "\n")[3].split(separator: " ")[0] == text)
  }
}
