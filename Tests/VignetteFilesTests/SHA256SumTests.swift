import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

@Suite struct SHA256SumTests {
  /// FIPS 180-2's first example, and the empty text.
  @Test(arguments: [
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
  ])
  func sums(_ text: String, _ sum: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data(text.utf8), to: "text")
    #expect("\(try SHA256Sum(contentsOf: file))" == sum && SHA256Sum(Data(text.utf8)).description == sum)
  }

  /// What `git hash-object` says.
  @Test(arguments: [
    ("hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"), ("", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"),
  ])
  func gitsNames(_ text: String, _ name: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data(text.utf8), to: "text")
    #expect("\(try GitBlobSum(contentsOf: file))" == name && GitBlobSum(Data(text.utf8)).description == name)
  }
}
