extension ModelCard {
  /// The card's metadata, in the order in which Transformers writes them.
  var frontMatter: String {
    var lines = ["library_name: transformers", "pipeline_tag: image-to-text"]
    lines += list("language", language.map { [$0] } ?? [])
    if let license { lines.append("license: \(YAML.string(license))") }
    lines += list("base_model", baseModels)
    lines += list("tags", ["vision-encoder-decoder", "image-captioning", "image-to-text", "vignette"])
    lines += list("datasets", dataset.map { [$0.identifier] } ?? [])
    lines += list("metrics", metricTypes)
    lines += modelIndex
    return lines.map { $0 + "\n" }.joined()
  }

  private func list(_ key: String, _ values: [String]) -> [String] {
    values.isEmpty ? [] : ["\(key):"] + values.map { "- \(YAML.string($0))" }
  }

  private var metricTypes: [String] {
    var types: [String] = []
    for metric in result?.metrics ?? [] {
      if let type = metric.type, !types.contains(type) { types.append(type) }
    }
    return types
  }

  // The hub refuses a result without a dataset or without metrics.
  private var modelIndex: [String] {
    let metrics = (result?.metrics ?? []).compactMap { metric -> [String]? in
      guard let type = metric.type, let value = YAML.number(metric.shownValue) else { return nil }
      return ["    - type: \(type)", "      name: \(YAML.string(metric.name))", "      value: \(value)"]
    }
    guard let dataset, !metrics.isEmpty else { return [] }
    return [
      "model-index:",
      "- name: \(YAML.string(name))",
      "  results:",
      "  - task:",
      "      type: image-to-text",
      "      name: Image-to-Text",
      "    dataset:",
      "      type: \(YAML.string(dataset.identifier))",
      "      name: \(YAML.string(dataset.name))",
      "      split: \(YAML.string(dataset.split))",
      "    metrics:",
    ] + metrics.joined()
  }
}

extension Metric {
  /// What the hub calls the family; nil for what is no score.
  fileprivate var type: String? {
    ["rouge", "bleu", "cider", "meteor"].first { key.lowercased().hasPrefix($0) }
  }
}
