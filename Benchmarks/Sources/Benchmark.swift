import ArgumentParser
import Dispatch
import Foundation
import Synchronization
import VignetteModels
import VignetteTensors
import VignetteEvaluation
import VignetteTrainer

/// Times the parts of Vignette inside one process, for comparison with Transformers (see `compare.py`).
///
/// Prints one JSON object, the seconds of each repetition; or, paced, a line for each.
@main
struct Benchmark: ParsableCommand {
  @Argument(
    help: """
      encode, generate or train; or peak: the GFLOP/s that a large product reaches here, or bandwidth: the GB/s at \
      which memory is read here.
      """)
  var work: Work
  @Option(help: "A checkpoint folder; not for peak and bandwidth.")
  var model = ""
  @Option var batch = 1
  @Option(help: "Beams (generate).")
  var beams = 4
  @Option(help: "Tokens to generate, or labels of a caption (train).")
  var tokens = 16
  @Option(help: "Captions of each image (train).")
  var captions = 1
  @Option var dtype = "float32"
  @Option var repetitions = 5
  @Option var threads = 2
  @Flag(help: "Drop out as the checkpoint's configuration says (train).")
  var dropout = false
  @Flag(help: "Compute layers' activations again instead of keeping them (train).")
  var gradientCheckpointing = false
  @Flag(
    help:
      "Print `ready` when warm; then work once for each line of standard input, so that others can take turns."
  )
  var paced = false

  enum Work: String, ExpressibleByArgument { case encode, generate, train, peak, bandwidth }

  func run() throws {
    Threads.count = threads
    guard work != .peak else { return measurePeak() }
    guard work != .bandwidth else { return measureBandwidth() }
    let model = try CaptionFamily.loadModel(at: URL(fileURLWithPath: model))
    model.precision = Precision(rawValue: dtype) ?? .float32
    var generator = RandomGenerator(seed: 1)
    let size = [batch, model.channels, model.imageSize.height, model.imageSize.width]
    let pixels = Tensor((0..<size.reduce(1, *)).map { _ in Float(generator.normal()) }, shape: size)
    let step = makeStep(model, pixels, &generator)
    try step()
    if paced {
      write("ready")
      while readLine() != nil { write("\(try seconds(of: step))") }
    } else {
      write("{\"seconds\": \(try (0..<repetitions).map { _ in try seconds(of: step) })}")
    }
  }

  /// What no computation of ours can be faster than: the best of many products of matrices that suit the kernels.
  private func measurePeak() {
    let side = 1536
    var generator = RandomGenerator(seed: 1)
    func matrix() -> Tensor {
      Tensor((0..<side * side).map { _ in Float(generator.normal()) }, shape: [side, side])
    }
    let weight = Parameter(name: "weight", value: matrix())
    weight.precision = Precision(rawValue: dtype) ?? .float32
    let input = matrix().cast(to: weight.precision.dtype)
    let best = (0..<40).map { _ in seconds { _ = linear(input, weight, layout: .inputByOutput) } }.min() ?? 1
    write("{\"gflops\": \(2 * Double(side * side * side) / best / 1e9)}")
  }

  /// How fast memory that no cache holds can be read by all threads together: the best of many times.
  private func measureBandwidth() {
    let lanes = 16 << 20
    let numbers = (0..<threads).map { _ in [SIMD16<UInt32>](repeating: .one, count: lanes / threads) }
    let sums = Mutex(SIMD16<UInt32>())
    let best =
      (0..<20).map { _ in
        seconds {
          DispatchQueue.concurrentPerform(iterations: threads) { thread in
            let sum = numbers[thread].reduce(SIMD16<UInt32>(), &+)
            sums.withLock { $0 &+= sum }
          }
        }
      }.min() ?? 1
    let bytes = numbers.reduce(0) { $0 + $1.count } * MemoryLayout<SIMD16<UInt32>>.stride
    let checksum = sums.withLock { $0[0] }
    write("{\"gigabytes_per_second\": \(Double(bytes) / best / 1e9), \"checksum\": \(checksum)}")
  }

  private func seconds(of step: () throws -> Void) rethrows -> Double {
    let elapsed = try ContinuousClock().measure(step).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }

  /// Past `print`'s buffer: whoever paces waits for the line.
  private func write(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

  private func makeStep(
    _ model: any CaptionModel, _ pixels: Tensor, _ generator: inout RandomGenerator
  ) -> () throws -> Void {
    switch work {
    case .peak, .bandwidth: return {}
    case .encode: return { _ = try model.hiddenStates(pixels, interpolatePositions: false) }
    case .generate:
      // No end token, so that all of them are generated.
      let options = GenerationOptions(
        maxNewTokens: tokens, numBeams: beams, decoderStartTokenID: 0, eosTokenIDs: [], padTokenID: 0)
      return {
        var decoding = model.decoding(of: try model.encode(pixels))
        _ = try decoding.generate(options)
      }
    case .train:
      for parameter in model.parameters { parameter.setTrainable(true) }
      var options = LabelOptions()
      options.maxTargetLength = tokens
      let ids = (0..<batch * captions).map { _ in
        (0..<tokens - 1).map { _ in Int(generator.next() % UInt64(model.vocabularySize)) }
      }
      let labels = CaptionLabels(ids, endTokenID: 0, padTokenID: 0, options: options)
      let optimizer = AdamW(model.parameters, options: AdamWOptions(), decays: WeightDecay.applies)
      let step = TrainingStep(
        model: model, optimizer: optimizer, startTokenID: 0, padTokenID: 0,
        gradientCheckpointing: gradientCheckpointing)
      let window = CaptionBatch(
        images: BatchImages(pixelValues: pixels), labels: labels,
        captionsPerImage: captions == 1 ? nil : [Int](repeating: captions, count: batch))
      let seed: UInt64? = dropout ? 1 : nil
      return { _ = try step.run([window], learningRate: 1e-6, seed: seed) }
    }
  }
}
