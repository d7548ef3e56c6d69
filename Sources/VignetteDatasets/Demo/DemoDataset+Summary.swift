extension DemoDataset {
  /// How much is drawn: images, and the combinations that they show.
  public var summary: String {
    let (train, validation) = (scenes(.train), scenes(.validation))
    let (seen, others) = (Set(train).count, Set(validation).count)
    return "\(train.count) + \(validation.count) images; \(Quantity(seen, "combination")) in training, "
      + "\(Quantity(others, "other")) in validation"
  }

  /// That validation shows objects which training has too few images for; nil where it shows none.
  public var unseenObjectsNote: String? {
    func objects(_ split: DatasetSplit) -> Set<SceneObject> {
      Set(scenes(split).flatMap { [$0.first, $0.second] })
    }
    let unseen = objects(.validation).subtracting(objects(.train)).count
    guard unseen > 0 else { return nil }
    return "\(Quantity(unseen, "object is", "objects are")) in validation's images but not in training's; "
      + "\(trainCombinations.count) training images would show all"
  }
}
