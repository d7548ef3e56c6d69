import Foundation
import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteTestSupport

@Suite struct StoredTensorTests {
  @Test func everyHalfPrecisionNumberIsExact() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("half.safetensors")
    let bits = (0...UInt16.max).map { $0 }
    try SafetensorsWriter.write(
      [WritableTensor(name: "all", elementType: .float16, shape: [256, 256], elements: bits)], to: url)
    let floats = try #require(try SafetensorsFile(at: url).tensors.first).floats()
    let wrong = zip(bits, floats).filter { bits, float in
      let fraction = Double(bits & 0x3FF)
      let exponent = Int(bits >> 10 & 0x1F)
      let magnitude =
        switch exponent {
        case 0: fraction * 0x1p-24
        case 31: fraction == 0 ? Double.infinity : Double.nan
        default: (1024 + fraction) * pow(2, Double(exponent - 25))
        }
      let isRight = magnitude.isNaN ? float.isNaN : Double(float.magnitude) == magnitude
      return !isRight || (float.sign == .minus) != (bits >= 0x8000)
    }
    #expect(wrong.isEmpty)
  }

  @Test func tiedWeightsShareTheirBytes() throws {
    let tensors = try PyTorchFile(at: Fixture.url("checkpoints/views.bin")).tensors
    let named = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0) })
    let weight = try #require(named["weight"])
    let tied = try #require(named["tied"])
    let transposed = try #require(named["transposed"])
    #expect(weight.sharesBytes(with: tied))
    #expect(!weight.sharesBytes(with: transposed))
    #expect(weight.isContiguous && !transposed.isContiguous)
    #expect(weight.isAligned)
    #expect(weight.byteOffset == transposed.byteOffset)
  }

  @Test func pagesCanBeReleasedAndReadAgain() throws {
    let folder = try TemporaryFolder()
    let url = try folder.write(Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0) }), to: "bytes")
    let file = try MappedFile(at: url)
    file.willReadSequentially()
    file.willNeed(5000..<20_000)
    #expect(file.bytes[70_000] == 70_000 & 0xFF)
    file.release(1..<100_000)
    file.release(99_999..<100_000)
    file.release(-5..<1 << 40)
    #expect(file.bytes[70_000] == 70_000 & 0xFF)
  }

  @Test func onlyRegularFilesAreMapped() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError.self) { try MappedFile(at: folder.url) }
    #expect(throws: FileError.self) { try MappedFile(at: URL(fileURLWithPath: "/dev/null")) }
    let error = #expect(throws: SystemError.self) {
      try MappedFile(at: folder.url.appendingPathComponent("no"))
    }
    #expect(error.map { "\($0)".hasSuffix("no: No such file or directory") } == true)
    #expect(try MappedFile(at: folder.write(Data(), to: "empty")).count == 0)
  }
}
