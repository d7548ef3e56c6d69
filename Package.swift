// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target: existentials are spelled `any`, a member is seen where its module is imported, and an import
/// is internal unless it says otherwise.
let house: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let nio = ["NIOCore", "NIOPosix", "NIOHTTP1"].map { networked($0, "swift-nio") }

/// What is resolved and built only with the trait `Network`.
func networked(_ product: String, _ package: String) -> Target.Dependency {
  .product(name: product, package: package, condition: .when(traits: ["Network"]))
}

/// A system library of images, which is needed only with the trait `Formats`.
func format(_ name: String) -> Target.Dependency {
  .target(name: name, condition: .when(traits: ["Formats"]))
}

/// A room of the library; it imports only rooms that stand above it in the list below.
func room(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: house)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies + ["VignetteTestSupport"], swiftSettings: house)
}

// What each room is for, and what it may not know: Documentation/Architecture.md.
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
  traits: [
    .trait(
      name: "Network",
      description: """
        Downloading and serving, for the command. A program that captions or trains doesn't need them: with \
        `traits: []` its package resolves no HTTP client and no server.
        """),
    .trait(
      name: "Formats",
      description: """
        Reading TIFF, AVIF, HEIC and JPEG XL, through libtiff, libavif, libheif and libjxl. Without it, these libraries \
        aren't needed, and such images are refused by name.
        """),
    .default(enabledTraits: ["Network", "Formats"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.20.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
  ],
  targets: [
    // Memory that may be refused, in C.
    .target(name: "CVignetteMemory"),

    // Threads and kernels, in C and C++. `gomp` stands there for the linker alone (CVignetteThreads/OpenMP.c).
    .target(
      name: "CVignetteThreads", dependencies: ["CVignetteMemory"],
      linkerSettings: [.linkedLibrary("gomp", .when(platforms: [.linux]))]),
    .target(
      name: "CVignetteOneDNN", dependencies: ["CVignetteMemory", "CVignetteThreads"],
      linkerSettings: [.linkedLibrary("dnnl")]),
    .target(name: "CVignetteKernels"),

    // System libraries that images are stored with, and the C that reaches them safely.
    .systemLibrary(
      name: "CVignetteLibJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CVignetteZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CVignetteWebP", pkgConfig: "libwebpdemux",
      providers: [.apt(["libwebp-dev"]), .brew(["webp"])]),
    .systemLibrary(
      name: "CVignetteTIFF", pkgConfig: "libtiff-4",
      providers: [.apt(["libtiff-dev"]), .brew(["libtiff"])]),
    // Their pkg-config files name flags that packages may not set, and that only Windows needs.
    .systemLibrary(
      name: "CVignetteAVIF", providers: [.apt(["libavif-dev"]), .brew(["libavif"])]),
    .systemLibrary(
      name: "CVignetteJXL", providers: [.apt(["libjxl-dev"]), .brew(["jpeg-xl"])]),
    .systemLibrary(
      name: "CVignetteHEIF", pkgConfig: "libheif",
      providers: [.apt(["libheif-dev"]), .brew(["libheif"])]),
    // On Linux alone; macOS has CryptoKit.
    .systemLibrary(
      name: "CVignetteCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CVignetteImages", dependencies: ["CVignetteMemory", "CVignetteLibJPEG"]),

    // The library's rooms, from the ground up.
    room(
      "VignetteFiles",
      [
        "CVignetteMemory", "CVignetteZlib",
        .target(name: "CVignetteCrypto", condition: .when(platforms: [.linux])),
      ]),
    room("VignetteTensors", ["CVignetteMemory", "CVignetteThreads", "CVignetteOneDNN", "CVignetteKernels"]),
    room("VignetteTokenizers", ["VignetteFiles"]),
    room(
      "VignetteImages",
      [
        "VignetteFiles", "CVignetteImages", "CVignetteZlib", "CVignetteWebP",
        format("CVignetteTIFF"), format("CVignetteAVIF"), format("CVignetteHEIF"), format("CVignetteJXL"),
      ]),
    room("VignetteCheckpoints", ["VignetteFiles"]),
    room("VignetteModels", ["VignetteFiles", "VignetteTensors", "VignetteCheckpoints"]),
    room("VignetteHub", ["VignetteFiles", "VignetteCheckpoints"]),
    room(
      "Vignette",
      [
        "VignetteFiles", "VignetteTensors", "VignetteTokenizers", "VignetteImages", "VignetteCheckpoints",
        "VignetteModels", "VignetteHub", logging,
      ]),
    room("VignetteMetrics", exclude: ["NOTICE"]),
    room("VignetteDatasets", ["VignetteFiles", "VignetteImages", "VignetteHub", "CVignetteZlib"]),
    room(
      "VignetteEvaluation",
      [
        "VignetteFiles", "VignetteTensors", "VignetteTokenizers", "VignetteImages", "VignetteCheckpoints",
        "VignetteModels", "Vignette", "VignetteDatasets", "VignetteMetrics",
      ]),
    room(
      "VignetteTrainer",
      [
        "VignetteFiles", "VignetteTensors", "VignetteCheckpoints", "VignetteModels", "Vignette",
        "VignetteDatasets", "VignetteMetrics", "VignetteEvaluation", logging,
      ]),
    room(
      "VignetteReports",
      [
        "VignetteFiles", "VignetteImages", "VignetteMetrics", "VignetteEvaluation", "VignetteTrainer",
        logging,
      ]),
    room(
      "VignetteTraining",
      [
        "Vignette", "VignetteDatasets", "VignetteMetrics", "VignetteEvaluation", "VignetteTrainer",
        "VignetteReports",
      ]),
    room(
      "VignetteHTTP",
      ["VignetteHub", "VignetteFiles", networked("AsyncHTTPClient", "async-http-client")] + nio),
    room("VignetteMetadata", ["VignetteFiles", "VignetteImages", "CVignetteZlib"]),
    room(
      "VignetteLibrary",
      [
        "VignetteFiles", "VignetteImages", "VignetteModels", "Vignette", "VignetteDatasets",
        "VignetteMetadata", logging,
      ]),
    room(
      "VignetteServer",
      [
        "VignetteFiles", "VignetteImages", "VignetteModels", "VignetteTokenizers", "VignetteHub", "Vignette",
        logging,
        networked("Hummingbird", "hummingbird"), networked("HummingbirdCore", "hummingbird"),
        networked("HummingbirdTLS", "hummingbird"),
        networked("ServiceLifecycle", "swift-service-lifecycle"), networked("Metrics", "swift-metrics"),
        networked("AsyncHTTPClient", "async-http-client"), networked("HTTPTypes", "swift-http-types"),
        networked("NIOHTTPTypes", "swift-nio-extras"), networked("NIOSSL", "swift-nio-ssl"),
      ] + nio),
    .executableTarget(
      name: "VignetteCommand",
      dependencies: [
        "VignetteServer", "VignetteLibrary", "VignetteMetadata",
        "VignetteFiles", "VignetteImages", "VignetteCheckpoints", "VignetteModels", "VignetteHub",
        "VignetteHTTP",
        "Vignette",
        "VignetteEvaluation", "VignetteTrainer", "VignetteReports", "VignetteDatasets", "VignetteMetrics",
        logging, argumentParser,
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: house),

    // Programs beside it: one times its parts, one gives numbers to compare with Transformers', one is an example.
    .executableTarget(
      name: "VignetteBenchmark",
      dependencies: [
        "VignetteModels", "VignetteTensors", "VignetteEvaluation", "VignetteTrainer", argumentParser,
      ],
      path: "Benchmarks/Sources", swiftSettings: house),
    .executableTarget(
      name: "VignetteLogits",
      dependencies: ["VignetteModels", "VignetteTensors", "VignetteCheckpoints", argumentParser],
      path: "Fixtures/Sources", swiftSettings: house),
    .executableTarget(
      name: "VignetteTrainingExample", dependencies: ["VignetteTraining"], path: "Examples/TrainFromSwift",
      swiftSettings: house),
    // The documentation's Swift, which tests run.
    .executableTarget(
      name: "VignetteSnippets", dependencies: ["Vignette", "VignetteTraining", "VignetteTensors"],
      path: "Examples/Snippets", swiftSettings: house),

    // Feeds the readers with damaged files: `make fuzz`.
    .executableTarget(
      name: "VignetteFuzz",
      dependencies: [
        "VignetteFiles", "VignetteTensors", "VignetteTokenizers", "VignetteImages", "VignetteCheckpoints",
        "VignetteModels", "VignetteHub", "Vignette", "VignetteDatasets", "VignetteEvaluation",
        "VignetteTrainer", "VignetteMetadata", "VignetteLibrary", "VignetteServer",
        argumentParser,
      ],
      path: "Fuzzing/Sources", swiftSettings: house),

    // Tests.
    .target(
      name: "VignetteTestSupport", dependencies: ["VignetteFiles"], path: "Tests/VignetteTestSupport",
      swiftSettings: house),
    .target(
      name: "VignetteTestServer", dependencies: ["VignetteFiles", "VignetteTestSupport"] + nio,
      path: "Tests/VignetteTestServer", swiftSettings: house),
    // A hub that stands in for Hugging Face's, for other programs to try: Tests/Clients.
    .executableTarget(
      name: "VignetteTestHub", dependencies: ["VignetteTestServer", argumentParser], path: "Tests/TestHub",
      swiftSettings: house),
    tests("VignetteFilesTests", ["VignetteFiles"]),
    tests("VignetteTensorsTests", ["VignetteTensors", "CVignetteThreads"]),
    tests("VignetteTokenizersTests", ["VignetteTokenizers", "VignetteFiles"]),
    tests("VignetteImagesTests", ["VignetteImages", "VignetteFiles"]),
    tests("VignetteCheckpointsTests", ["VignetteCheckpoints", "VignetteFiles"]),
    tests("VignetteHubTests", ["VignetteHub", "VignetteFiles", "VignetteCheckpoints"]),
    tests(
      "VignetteModelsTests", ["VignetteModels", "VignetteCheckpoints", "VignetteFiles", "VignetteTensors"]),
    tests("VignetteMetricsTests", ["VignetteMetrics"]),
    tests("VignetteDatasetsTests", ["VignetteDatasets", "VignetteImages", "VignetteFiles", "VignetteHub"]),
    tests(
      "VignetteHTTPTests",
      ["VignetteHTTP", "VignetteHub", "VignetteDatasets", "VignetteFiles", "VignetteTestServer"]),
    tests(
      "VignetteEvaluationTests",
      [
        "VignetteFiles", "VignetteImages", "VignetteTensors", "VignetteModels", "Vignette",
        "VignetteDatasets",
        "VignetteEvaluation",
      ]),
    tests(
      "VignetteTrainerTests",
      [
        "VignetteFiles", "VignetteTensors", "VignetteCheckpoints", "VignetteModels", "Vignette",
        "VignetteDatasets", "VignetteEvaluation", "VignetteTrainer",
      ]),
    tests(
      "VignetteReportsTests", ["VignetteFiles", "VignetteEvaluation", "VignetteTrainer", "VignetteReports"]),
    tests(
      "VignetteTests",
      [
        "VignetteFiles", "VignetteTensors", "VignetteTokenizers", "VignetteImages", "VignetteCheckpoints",
        "VignetteHub", "VignetteModels", "Vignette", "VignetteDatasets", "VignetteTrainer", "VignetteCommand",
        "VignetteTrainingExample", "VignetteTestServer", "VignetteFuzz",
      ]),
    tests("VignetteMetadataTests", ["VignetteMetadata", "VignetteImages", "VignetteFiles"]),
    tests(
      "VignetteLibraryTests",
      [
        "VignetteLibrary", "VignetteMetadata", "Vignette", "VignetteModels", "VignetteImages",
        "VignetteTensors",
        "VignetteFiles",
      ]),
    tests(
      "VignetteServerTests",
      [
        "VignetteServer", "Vignette", "VignetteModels", "VignetteImages", "VignetteFiles", "VignetteHub",
        "VignetteTestServer", logging,
        networked("AsyncHTTPClient", "async-http-client"), networked("NIOSSL", "swift-nio-ssl"),
      ] + nio),
    tests("VignetteDocumentationTests", ["VignetteTraining", "VignetteDatasets", "VignetteSnippets"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c17,
  cxxLanguageStandard: .cxx17
)

// Builds the documentation alone, so that programs that depend on this package don't resolve it.
if Context.environment["VIGNETTE_DOCUMENTATION"] != nil {
  package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
