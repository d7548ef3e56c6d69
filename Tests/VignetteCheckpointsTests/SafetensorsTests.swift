import Foundation
import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteTestSupport

@Suite struct SafetensorsTests {
  @Test func everyTypeIsRead() throws {
    let file = try SafetensorsFile(at: Fixture.url("checkpoints/types.safetensors"))
    try Expectation("checkpoints/types.json").check(file.tensors)
    #expect(file.metadata == ["format": "pt"])
  }

  @Test func writtenFileIsTheOriginalByteForByte() throws {
    let original = Fixture.url("checkpoints/types.safetensors")
    let folder = try TemporaryFolder()
    let copy = folder.url.appendingPathComponent("copy.safetensors")
    let tensors = try SafetensorsFile(at: original).tensors.map { WritableTensor($0) }
    try SafetensorsWriter.write(tensors.reversed(), to: copy)
    #expect(try Data(contentsOf: copy) == Data(contentsOf: original))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["copy.safetensors"])
  }

  @Test func stridedTensorsAreWrittenInTheOrderOfTheirIndices() throws {
    let folder = try TemporaryFolder()
    let copy = folder.url.appendingPathComponent("copy.safetensors")
    let tensors = try PyTorchFile(at: Fixture.url("checkpoints/views.bin")).tensors
    try SafetensorsWriter.write(tensors.map { WritableTensor($0) }, metadata: [:], to: copy)
    let file = try SafetensorsFile(at: copy)
    try Expectation("checkpoints/views.json").check(file.tensors)
    #expect(file.metadata.isEmpty)
  }

  @Test func aFileWithoutTensorsIsRead() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("empty.safetensors")
    try SafetensorsWriter.write([], metadata: [:], to: url)
    #expect(try SafetensorsFile(at: url).tensors.isEmpty)
  }

  @Test(arguments: [
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
      8, "appears twice"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
      12, "starts at byte 4 of the data"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}"#,
      16, "starts at byte 12 of the data"
    ),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 7, "cut off"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9, "but 9 follow it"),
    (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "doesn't fit its 8 bytes"),
    (#"{"a":{"dtype":"F32","shape":[4611686018427387904,2],"data_offsets":[0,8]}}"#, 8, "impossible shape"),
    (#"{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}"#, 0, "doesn't fit"),
    (
      #"{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807,0],"data_offsets":[0,0]}}"#, 0,
      "impossible shape"
    ),
    (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8, "expected an integer from 0"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "ends before it starts"),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]}}"#, 8,
      "expected an integer from 0"
    ),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}"#, 8, "doesn't fit"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, 8, "needs dtype, shape and two data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[2]}}"#, 8, "needs dtype, shape and two data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}"#, 8, "unknown or repeated key"),
    (#"{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}"#, 1, "type F4, which is not supported"),
    (#"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#, 8, "expected an integer"),
    (#"{"__metadata__":{"a":1}}"#, 0, "expected a string"),
    (#"{"__metadata__":{},"__metadata__":{}}"#, 0, "appears twice"),
    (#"{"a":"#, 0, "the text ends here"),
    (#"[]"#, 0, "no JSON header"),
    (#" {}"#, 0, "no JSON header"),
    (#"{}x"#, 0, "expected the end"),
    (#""#, 0, "no JSON header"),
  ])
  func hostileHeadersAreRefused(header: String, dataCount: Int, problem: String) throws {
    let folder = try TemporaryFolder()
    let size = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    let url = try folder.write(size + Data(header.utf8) + Data(count: dataCount), to: "hostile.safetensors")
    let error = #expect(throws: (any Error).self) { try SafetensorsFile(at: url) }
    #expect(
      error.map { "\($0)".contains(problem) && "\($0)".hasPrefix(url.path) } == true,
      "\(String(describing: error))")
  }

  @Test(arguments: [UInt64(100_000_001), .max, 1 << 63, 9, 100])
  func impossibleHeaderSizesAreRefused(size: UInt64) throws {
    let folder = try TemporaryFolder()
    let bytes = withUnsafeBytes(of: size.littleEndian) { Data($0) } + Data("{}      ".utf8)
    let url = try folder.write(bytes, to: "hostile.safetensors")
    #expect(throws: FileError.self) { try SafetensorsFile(at: url) }
  }

  @Test func aGitLFSPointerIsNamed() throws {
    let folder = try TemporaryFolder()
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    let url = try folder.write(Data(pointer.utf8), to: "model.safetensors")
    let error = #expect(throws: FileError.self) { try SafetensorsFile(at: url) }
    #expect(error.map { "\($0)".contains("git lfs pull") } == true)
  }
}
