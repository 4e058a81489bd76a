// swift-tools-version: 6.3
import PackageDescription

// A package of its own, so that building the server does not build fuzzers. The sources of the
// decoders are links into the root package: its targets are not products.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "perch-fuzz",
    platforms: [.macOS(.v15)],
    targets: [
        .target(name: "PerchModel", swiftSettings: settings),
        .target(name: "CPerchBytes"),
        .target(name: "PerchBytes", dependencies: ["CPerchBytes"], swiftSettings: settings),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CSnappy", pkgConfig: "snappy"),
        .target(
            name: "PerchCodec", dependencies: ["PerchBytes", "CZstd", "CZlib", "CSnappy"],
            swiftSettings: settings),
        .target(
            name: "PerchWire", dependencies: ["PerchModel", "PerchBytes"], swiftSettings: settings),
        .target(
            name: "CPerchRE2",
            linkerSettings: [
                .linkedLibrary("re2"), .linkedLibrary("stdc++", .when(platforms: [.linux])),
            ]),
        .target(name: "PerchRegex", dependencies: ["CPerchRE2"], swiftSettings: settings),
        .target(
            name: "PerchPromQL", dependencies: ["PerchModel", "PerchRegex"],
            swiftSettings: settings),
        .executableTarget(
            name: "WireFuzz", dependencies: ["PerchWire", "PerchCodec", "PerchPromQL"],
            swiftSettings: settings),
    ]
)
