import Foundation
import VignetteDatasets
import VignetteFiles

extension Target {
  /// One for each layout of data sets.
  static let datasetTargets: [Target] = [
    dataset(
      .coco, [["annotations/captions_train2017.json": coco], ["annotations/captions_val2017.json": coco]]),
    dataset(.karpathy, [["dataset_coco.json": karpathy], ["dataset_flickr8k.json": karpathy]]),
    dataset(
      .flickr8k,
      [
        ["captions.txt": "image,caption\na.jpg,A dog .\na.jpg,\"Two, \"\"dogs\"\"\"\nb.jpg,A cat\n"],
        [
          "Flickr8k.token.txt": "a.jpg#0\tA dog .\na.jpg#1\tDogs\nb.jpg#0\tA cat\n",
          "Flickr_8k.trainImages.txt": "a.jpg\n",
          "Flickr_8k.devImages.txt": "b.jpg\r\n",
        ],
      ]),
    dataset(
      .flickr30k,
      [
        ["results_20130124.token": "1.jpg#0\tTwo men .\n1.jpg#1\tMen\n"],
        ["results.csv": "image_name| comment_number| comment\n1.jpg| 0| Two men .\n1.jpg| 1| Men\n"],
      ]),
    dataset(
      .imagefolder,
      [
        [
          "metadata.jsonl":
            "{\"file_name\": \"a.png\", \"text\": \"x\", \"image_id\": 3, \"split\": \"train\"}\n{\"file_name\": \"b.png\", \"text\": [\"y\", \"z\"]}\n"
        ],
        ["metadata.csv": "file_name,text,split\na.png,\"x\ny\",validation\nb.png,z,\n"],
        [
          "train/metadata.csv": "file_name,text\na.png,x\n",
          "validation/metadata.jsonl": "{\"file_name\": \"b.png\", \"text\": \"y\"}",
        ],
      ]),
    Target(
      name: "results",
      seeds: { _ in
        [
          Sample(
            "x.json",
            Array(
              "[{\"image_id\": 3, \"caption\": \"a dog\"}, {\"image_id\": \"b\", \"caption\": \"c\"}]".utf8))
        ]
      }
    ) { folder, _ in
      _ = try COCOResults.read(folder.appendingPathComponent("x.json"))
    },
  ]

  private static let coco = """
    {"info": {}, "images": [{"id": 1, "file_name": "1.jpg", "height": 4}, {"id": "b", "file_name": "b.jpg"}], \
    "annotations": [{"id": 7, "image_id": 1, "caption": "A dog"}, {"id": 8, "image_id": "b", "caption": "A c\\u00e4t \\ud83d\\ude00"}]}
    """
  private static let karpathy = """
    {"images": [{"filepath": "val2014", "filename": "1.jpg", "cocoid": 5, "imgid": 0, "split": "train", "sentids": [1], \
    "sentences": [{"raw": "A dog .", "tokens": ["a", "dog"], "imgid": 0, "sentid": 1}]}, {"filename": "2.jpg", "imgid": 1, \
    "split": "val", "sentences": [{"raw": "x", "sentid": 2}]}], "dataset": "coco"}
    """

  private static func dataset(_ kind: DatasetKind, _ folders: [[String: String]]) -> Target {
    Target(
      name: kind.rawValue,
      seeds: { _ in
        folders.map { files in
          Sample(files.sorted { $0.key < $1.key }.map { (name: $0.key, bytes: Array($0.value.utf8)) })
        }
      }
    ) { folder, _ in
      for split in DatasetSplit.allCases {
        // One split's fault is not the other's.
        _ = try? CaptionDataset(
          DatasetOptions(kind: kind, folder: folder, split: split, missingImages: .ignore))
      }
      let annotations = try FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil)
      for file in annotations.prefix(2) { _ = try? DatasetKind(annotationFile: file) }
    }
  }
}
