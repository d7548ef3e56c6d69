// swift-tools-version: 6.2
import PackageDescription

// A room imports only the rooms listed above it here; see Documentation/Architecture.md.
let package = Package(
  name: "vignette",
  platforms: [.macOS(.v15)],
  products: [
    // Captioning.
    .library(name: "Vignette", targets: ["Vignette"]),
    // Training, data sets and metrics besides.
    .library(name: "VignetteTraining", targets: ["VignetteTraining"]),
    .executable(name: "vignette", targets: ["VignetteCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
  ],
  targets: [
    // Kernels, in C and C++.
    .target(
      name: "COneDNN",
      linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp", .when(platforms: [.linux]))]
    ),
    .target(name: "CKernels"),

    // System libraries that pictures are stored with, and the C that reaches them safely.
    .systemLibrary(
      name: "CLibJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CWebP", pkgConfig: "libwebpdemux",
      providers: [.apt(["libwebp-dev"]), .brew(["webp"])]),
    // On Linux alone; macOS has CryptoKit.
    .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CImaging", dependencies: ["CLibJPEG"]),

    // The library's rooms, from the ground up.
    .target(name: "JSON"),
    .target(name: "Tensors", dependencies: ["COneDNN", "CKernels"]),
    .target(name: "Tokenizers", dependencies: ["JSON"]),
    .target(name: "Imaging", dependencies: ["JSON", "CImaging", "CZlib", "CWebP"]),
    .target(
      name: "Checkpoints",
      dependencies: ["JSON", "CZlib", .target(name: "CLibCrypto", condition: .when(platforms: [.linux]))]),
    .target(name: "Models", dependencies: ["JSON", "Tensors", "Checkpoints"]),
    .target(
      name: "Vignette",
      dependencies: [
        "JSON", "Tensors", "Tokenizers", "Imaging", "Checkpoints", "Models",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(name: "Metrics", exclude: ["NOTICE"]),
    .target(name: "Datasets", dependencies: ["JSON", "Imaging", "Checkpoints", "CZlib"]),
    .target(
      name: "Downloads",
      dependencies: [
        "Datasets", "Checkpoints",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ]),
    .target(
      name: "Training",
      dependencies: [
        "JSON", "Tensors", "Tokenizers", "Imaging", "Checkpoints", "Models", "Vignette", "Datasets",
        "Metrics",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(name: "VignetteTraining", dependencies: ["Vignette", "Training", "Datasets", "Metrics"]),
    .executableTarget(
      name: "VignetteCommand",
      dependencies: [
        "JSON", "Checkpoints", "Vignette", "Training", "Datasets", "Downloads", "Metrics",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Yams", package: "Yams"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .executableTarget(
      name: "VignetteBenchmark",
      dependencies: [
        "Models", "Tensors", "Training", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Benchmarks/Sources"),
    .executableTarget(
      name: "TrainFromSwift", dependencies: ["VignetteTraining"], path: "Examples/TrainFromSwift"),

    .executableTarget(
      name: "VignetteLogits",
      dependencies: [
        "Models", "Tensors", "Checkpoints",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Fixtures/Sources"),

    // Tests.
    .target(name: "TestSupport", dependencies: ["JSON"], path: "Tests/TestSupport"),
    .target(
      name: "TestServer",
      dependencies: [
        "Checkpoints", "TestSupport",
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      path: "Tests/TestServer"),
    .testTarget(name: "JSONTests", dependencies: ["JSON", "TestSupport"]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
    .testTarget(name: "TokenizersTests", dependencies: ["Tokenizers", "TestSupport"]),
    .testTarget(name: "ImagingTests", dependencies: ["Imaging", "TestSupport"]),
    .testTarget(name: "CheckpointsTests", dependencies: ["Checkpoints", "JSON", "TestSupport"]),
    .testTarget(
      name: "ModelsTests", dependencies: ["Models", "Checkpoints", "JSON", "Tensors", "TestSupport"]),
    .testTarget(name: "MetricsTests", dependencies: ["Metrics", "TestSupport"]),
    .testTarget(
      name: "DatasetsTests", dependencies: ["Datasets", "Imaging", "Checkpoints", "TestSupport"]),
    .testTarget(
      name: "DownloadsTests",
      dependencies: ["Downloads", "Datasets", "Checkpoints", "TestServer", "TestSupport"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: ["JSON", "Tensors", "Checkpoints", "Models", "Training", "TestSupport"]),
    .testTarget(
      name: "VignetteTests",
      dependencies: [
        "Imaging", "Checkpoints", "Vignette", "VignetteCommand", "TrainFromSwift", "TestServer",
        "TestSupport",
      ]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c17,
  cxxLanguageStandard: .cxx17
)
