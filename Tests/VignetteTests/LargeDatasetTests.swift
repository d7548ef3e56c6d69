import Foundation
import VignetteTestSupport
import Testing

/// Annotation files of COCO's whole size.
@Suite struct LargeDatasetTests {
  /// As many images and captions as captions_train2017.json has, with its fields: some 90 MB.
  private static func annotations() -> Data {
    let (images, captions) = (118_287, 591_753)
    var text = #"{"info": {"year": 2017}, "licenses": [], "images": ["#
    text.reserveCapacity(120_000_000)
    for id in 1...images {
      let name = "\(String(repeating: "0", count: 12 - String(id).count))\(id).jpg"
      text += id > 1 ? ", " : ""
      text += #"{"license": 3, "file_name": "\#(name)", "height": 480, "width": 640, "id": \#(id), "#
      text += #""coco_url": "http://images.cocodataset.org/train2017/\#(name)"}"#
    }
    text += #"], "annotations": ["#
    for id in 1...captions {
      text += id > 1 ? ", " : ""
      text +=
        #"{"image_id": \#(1 + id % images), "id": \#(id), "caption": "A red tent stands on a hill, \#(id)."}"#
    }
    text += "]}"
    return Data(text.utf8)
  }

  /// They are read with little memory: less than ten times what the captions alone take, and 128 MB of addresses that
  /// `malloc` sets aside for two more threads, if they happen to need memory at the same time.
  @Test(.timeLimit(.minutes(5))) func theWholeOfCOCO() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.annotations(), to: "annotations/captions_train2017.json")
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("train2017"), withIntermediateDirectories: true)
    let run = try Command.run(
      ["dataset", "inspect", "--dataset", "coco", "--data-dir", folder.url.path, "--split", "train"],
      memoryLimit: (600 + 128) << 20)
    // The images aren't there, which is known once all of the file is read.
    #expect(run.status == 2 && run.errors.contains("all 112373 image files are missing"), "\(run.errors)")
  }
}
