import Foundation
import VignetteTestSupport
import Testing
import VignetteEvaluation
import VignetteReports
import VignetteTrainer

@Suite struct ModelCardTests {
  private static let records = [
    EvaluationRecord(
      epoch: 1, step: 200, trainingLoss: 3.5, validationLoss: 3.25,
      metrics: [
        Metric("rouge1", 20.5), Metric("bleu_4", 7e-7), Metric("cider", .nan), Metric("gen_len", 9),
      ]),
    EvaluationRecord(
      epoch: 2, step: 400, trainingLoss: nil, validationLoss: 3, metrics: [Metric("rouge1", 25.25)]),
  ]

  private static let card = ModelCard(
    name: "vit-gpt2-flickr8k", summary: "A captioner.", language: "en", license: "apache-2.0",
    baseModels: ["google/vit-base-patch16-224", "gpt2"],
    dataset: .init(name: "Flickr8k", identifier: "flickr8k", split: "validation"), records: records,
    bestStep: 200, health: CaptionHealth(captions: ["a dog", "a cat"]),
    settings: [SettingValue("learning_rate", "5e-05")], versions: [SettingValue("Vignette", "0.1.0")])

  @Test func frontMatter() {
    #expect(
      Self.card.text.hasPrefix(
        """
        ---
        library_name: transformers
        pipeline_tag: image-to-text
        language:
        - en
        license: apache-2.0
        base_model:
        - google/vit-base-patch16-224
        - gpt2
        tags:
        - vision-encoder-decoder
        - image-captioning
        - image-to-text
        - vignette
        datasets:
        - flickr8k
        metrics:
        - rouge
        - bleu
        - cider
        model-index:
        - name: vit-gpt2-flickr8k
          results:
          - task:
              type: image-to-text
              name: Image-to-Text
            dataset:
              type: flickr8k
              name: Flickr8k
              split: validation
            metrics:
            - type: rouge
              name: Rouge1
              value: 20.5
            - type: bleu
              name: BLEU-4
              value: 7.0e-05
        ---

        # vit-gpt2-flickr8k

        A captioner.

        ## Results

        Measured on the validation split of Flickr8k; the row of the model kept here, after step 200, is in bold. ROUGE and BLEU are from 0 to 100, CIDEr is from 0 to 10, Gen Len counts tokens; ROUGE-L is coco-caption's, Rougel rouge_score's.

        | Epoch | Step | Training loss | Validation loss | Rouge1 | BLEU-4 | CIDEr | Gen Len |
        | --: | --: | --: | --: | --: | --: | --: | --: |
        | **1** | **200** | **3.5000** | **3.2500** | **20.50** | **0.00** | **NaN** | **9.00** |
        | 2 | 400 | – | 3.0000 | 25.25 | – | – | – |

        Of the last evaluation's captions, 2 of 2 captions differ (100%), 0% repeat themselves.

        ## Use

        """))
  }

  @Test func settingsAndVersionsStandAtTheEnd() {
    #expect(
      Self.card.text.hasSuffix(
        """
        ## Training settings

        | Name | Value |
        | :-- | :-- |
        | learning_rate | 5e-05 |

        ## Versions

        | Name | Value |
        | :-- | :-- |
        | Vignette | 0.1.0 |

        """))
  }

  @Test(arguments: [
    ("no", "\"no\""),
    ("NULL", "\"NULL\""),
    ("1e3", "\"1e3\""),
    ("", "\"\""),
    ("a: b", "\"a: b\""),
    ("- a", "\"- a\""),
    ("line\n---\nevil: true", "\"line\\n---\\nevil: true\""),
    ("\"quoted\" \\ 'too'", "\"\\\"quoted\\\" \\\\ 'too'\""),
    ("\u{0}\u{1B}\u{2028}\u{85}", "\"\\u0000\\u001b\\u2028\\u0085\""),
    ("größe 😀", "\"größe 😀\""),
    ("user/data-set_1.0", "user/data-set_1.0"),
  ])
  func namesAreEscaped(_ name: String, _ expected: String) {
    var card = Self.card
    card.name = name
    card.license = name
    #expect(card.text.contains("\nlicense: \(expected)\n"))
    #expect(card.text.contains("\n- name: \(expected)\n"))
  }

  @Test func nothingFromDataIsMarkup() {
    var card = Self.card
    let hostile = "<script>alert(1)</script> | **bold** [link](x) `code`\n# title"
    card.name = hostile
    card.summary = hostile
    card.settings = [SettingValue(hostile, hostile)]
    let escaped =
      "&lt;script&gt;alert(1)&lt;/script&gt; \\| \\*\\*bold\\*\\* \\[link\\](x) \\`code\\` \\# title"
    let body = card.text.components(separatedBy: "\n---\n").dropFirst().joined()
    #expect(body.contains("\n# \(escaped)\n\n\(escaped)\n"))
    #expect(body.contains("| \(escaped) | \(escaped) |"))
    #expect(!body.contains("<"))
  }

  @Test func aCardWithoutResultsIsWritten() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent(ModelCard.fileName)
    try ModelCard(name: "new", summary: "Untrained.").write(to: url)
    let text = try String(contentsOf: url, encoding: .utf8)
    #expect(text.contains("# new\n\nUntrained.\n\n## Use\n"))
    #expect(!text.contains("model-index") && !text.contains("## Results"))
  }
}
