// swift-tools-version: 6.2
import PackageDescription

// A web service that captions: Vignette beside Hummingbird and swift-metrics.
let package = Package(
  name: "caption-service",
  platforms: [.macOS(.v15)],
  dependencies: [
    // Captioning alone takes no HTTP client of Vignette's.
    .package(name: "vignette", path: "../..", traits: []),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.0.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
  ],
  targets: [
    .executableTarget(
      name: "CaptionService",
      dependencies: [
        .product(name: "Vignette", package: "vignette"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Metrics", package: "swift-metrics"),
      ],
      path: "Sources")
  ],
  swiftLanguageModes: [.v6]
)
