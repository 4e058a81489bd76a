// swift-tools-version: 6.3
import PackageDescription

/// What the SDK costs, beside swift-log's own handler: a package of its own, so that nobody who
/// builds Perch builds it.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "perch", path: "..", traits: ["Hummingbird"]),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1",
            traits: ["FullFoundation"]),
    ],
    targets: [
        .target(name: "CMallocCount"),
        .target(
            name: "BenchmarkSupport",
            dependencies: [
                "CMallocCount", .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .executableTarget(
            name: "SDKBenchmarks",
            dependencies: [
                "BenchmarkSupport",
                .product(name: "Perch", package: "perch"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]),
        .executableTarget(
            name: "RequestBenchmarks",
            dependencies: [
                "BenchmarkSupport",
                .product(name: "Perch", package: "perch"),
                .product(name: "PerchHummingbird", package: "perch"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ]),
    ]
)
