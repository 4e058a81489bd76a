// swift-tools-version: 6.3
import PackageDescription

/// The settings of every target.
///
/// A target that needs a looser one says so where it is declared, with its reason.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .treatWarning("DeprecatedDeclaration", as: .warning),
]

/// A dependency that only the server needs: not fetched by a package that takes the SDK with `traits: []`.
func server(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package, condition: .when(traits: ["Server"]))
}

/// A dependency of the SDK's part for Hummingbird, which a package takes with
/// `traits: ["Hummingbird"]`.
func hummingbird(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package, condition: .when(traits: ["Hummingbird"]))
}

func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["PerchTestSupport"], exclude: exclude,
        swiftSettings: settings)
}

let package = Package(
    name: "perch",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Perch", targets: ["Perch"]),
        .library(name: "PerchHummingbird", targets: ["PerchHummingbird"]),
        .library(name: "PerchTesting", targets: ["PerchTesting"]),
        .executable(name: "perch", targets: ["PerchCommand"]),
        .executable(name: "shop", targets: ["Shop"]),
    ],
    traits: [
        .trait(
            name: "Server", description: "The server, `perch`, and what it depends on.",
            enabledTraits: ["Hummingbird"]),
        .trait(name: "Hummingbird", description: "The SDK's part for Hummingbird."),
        .default(enabledTraits: ["Server"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1",
            traits: ["FullFoundation"]),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    ],
    targets: [
        // Level 0
        target("PerchModel"),
        .target(name: "CPerchBytes"),
        target("PerchBytes", ["CPerchBytes"]),
        .target(
            name: "CPerchRE2",
            linkerSettings: [
                .linkedLibrary("re2"),
                // After RE2, whose archive the one-file binary links.
                .linkedLibrary("stdc++", .when(platforms: [.linux])),
            ]),
        target("PerchRegex", ["CPerchRE2"]),
        // Level 1
        target(
            "PerchFiles", ["PerchBytes", .product(name: "SystemPackage", package: "swift-system")]),
        .systemLibrary(
            name: "CZstd", pkgConfig: "libzstd",
            providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CSnappy", pkgConfig: "snappy",
            providers: [.apt(["libsnappy-dev"]), .brew(["snappy"])]),
        target("PerchCodec", ["PerchBytes", "CZstd", "CZlib", "CSnappy"]),
        target("PerchWire", ["PerchModel", "PerchBytes"]),
        target("PerchPromQL", ["PerchModel", "PerchRegex"]),
        target("PerchLogQL", ["PerchModel", "PerchRegex"]),
        // Level 2
        target(
            "PerchSeries",
            [
                "PerchModel", "PerchBytes", "PerchFiles", "PerchCodec", "PerchRegex",
                .product(name: "Logging", package: "swift-log"),
            ]),
        target(
            "PerchEvents",
            [
                "PerchModel", "PerchBytes", "PerchFiles", "PerchCodec",
                .product(name: "Logging", package: "swift-log"),
            ]),
        target("PerchDashboards", ["PerchModel", "PerchRegex"]),
        target("PerchCatalog", ["PerchModel", server("GRDB", "GRDB.swift")]),
        target(
            "PerchAccess",
            [
                "PerchModel", server("Crypto", "swift-crypto"),
                server("CryptoExtras", "swift-crypto"),
            ]),
        target(
            "PerchIngest",
            [
                "PerchModel", "PerchWire", "PerchCodec", "PerchRegex",
                server("Crypto", "swift-crypto"),
                server("AsyncHTTPClient", "async-http-client"), server("NIOCore", "swift-nio"),
                server("NIOHTTP1", "swift-nio"), server("NIOSSL", "swift-nio-ssl"),
            ]),
        // Level 3
        target(
            "PerchAPI",
            [
                "PerchModel", "PerchCodec", "PerchWire", "PerchIngest", "PerchPromQL", "PerchLogQL",
                "PerchAccess",
                server("Hummingbird", "hummingbird"), server("HTTPTypes", "swift-http-types"),
                server("NIOCore", "swift-nio"), server("NIOHTTP1", "swift-nio"),
                server("NIOWebSocket", "swift-nio"), server("NIOHTTP2", "swift-nio-http2"),
                server("NIOHPACK", "swift-nio-http2"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(name: "CPerchAssets", exclude: ["client"]),
        target(
            "PerchWeb",
            [
                "PerchModel", "PerchPromQL", "PerchLogQL", "PerchDashboards", "PerchAccess",
                "CPerchAssets",
                server("Hummingbird", "hummingbird"), server("HTTPTypes", "swift-http-types"),
                server("NIOCore", "swift-nio"),
            ]),
        // Level 4
        target(
            "PerchServer",
            [
                "PerchModel", "PerchFiles", "PerchSeries", "PerchEvents", "PerchCatalog",
                "PerchAccess",
                "PerchIngest", "PerchWire", "PerchPromQL", "PerchLogQL", "PerchAPI", "PerchWeb",
                server("Hummingbird", "hummingbird"), server("HummingbirdCore", "hummingbird"),
                server("HTTPTypes", "swift-http-types"),
                server("NIOCore", "swift-nio"), server("NIOPosix", "swift-nio"),
                server("NIOHTTP1", "swift-nio"), server("NIOHTTP2", "swift-nio-http2"),
                server("NIOSSL", "swift-nio-ssl"), server("Yams", "Yams"),
                .product(name: "Logging", package: "swift-log"),
                server("ServiceLifecycle", "swift-service-lifecycle"),
                server("UnixSignals", "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        // Level 5
        .executableTarget(
            name: "PerchCommand",
            dependencies: [
                "PerchServer", "PerchAccess", "PerchPromQL", "PerchCodec",
                server("ArgumentParser", "swift-argument-parser"),
                server("AsyncHTTPClient", "async-http-client"), server("NIOCore", "swift-nio"),
                server("NIOHTTP1", "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                server("UnixSignals", "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        // The SDK
        .target(name: "CPerchCrash"),
        target(
            "Perch",
            [
                "PerchModel", "PerchWire", "CPerchCrash",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        target(
            "PerchHummingbird",
            [
                "Perch", "PerchModel", hummingbird("Hummingbird", "hummingbird"),
                hummingbird("HTTPTypes", "swift-http-types"), hummingbird("NIOCore", "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]),
        target(
            "PerchTesting", ["Perch", .product(name: "Logging", package: "swift-log")]),
        // The demo
        .executableTarget(
            name: "Shop",
            dependencies: [
                "Perch", "PerchHummingbird",
                server("Hummingbird", "hummingbird"), server("HTTPTypes", "swift-http-types"),
                server("NIOCore", "swift-nio"),
                server("NIOHTTP1", "swift-nio"),
                server("AsyncHTTPClient", "async-http-client"), server("GRDB", "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                server("ServiceLifecycle", "swift-service-lifecycle"),
                server("UnixSignals", "swift-service-lifecycle"),
            ],
            path: "Examples/Shop",
            swiftSettings: settings),
        // Tests
        .target(
            name: "PerchTestSupport", dependencies: ["PerchModel", "PerchFiles"],
            path: "Tests/PerchTestSupport", swiftSettings: settings),
        tests("RepositoryTests", []),
        .executableTarget(
            name: "PerchCrashProgram",
            dependencies: [
                "Perch", "CPerchCrash",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Tests/PerchCrashProgram",
            swiftSettings: settings),
        tests(
            "PerchTests",
            [
                "PerchTesting", "Perch", "PerchModel", "PerchWire", "PerchCodec",
                "PerchCrashProgram",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "Configuration", package: "swift-configuration"),
                server("NIOCore", "swift-nio"), server("NIOPosix", "swift-nio"),
                server("NIOHTTP1", "swift-nio"),
            ],
            exclude: ["Scripts"]),
        tests(
            "PerchHummingbirdTests",
            [
                "PerchHummingbird", "PerchTesting", "Perch",
                server("Hummingbird", "hummingbird"),
                server("HummingbirdTesting", "hummingbird"),
                server("HTTPTypes", "swift-http-types"), server("NIOCore", "swift-nio"),
                server("AsyncHTTPClient", "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                server("UnixSignals", "swift-service-lifecycle"),
            ]),
        tests("PerchModelTests", ["PerchModel"]),
        tests("PerchBytesTests", ["PerchBytes"]),
        tests("PerchRegexTests", ["PerchRegex"], exclude: ["Scripts"]),
        tests("PerchDashboardsTests", ["PerchDashboards", "PerchModel", "PerchRegex"]),
        tests("PerchPromQLTests", ["PerchPromQL", "PerchModel", "PerchRegex"]),
        tests("PerchFilesTests", ["PerchFiles", "PerchBytes"]),
        tests("PerchCodecTests", ["PerchCodec"]),
        tests("PerchWireTests", ["PerchWire", "PerchModel", "PerchCodec"]),
        tests(
            "PerchLogQLTests",
            [
                "PerchLogQL", "PerchModel", "PerchRegex", "PerchEvents", "PerchFiles",
                .product(name: "Logging", package: "swift-log"),
            ]),
        tests(
            "PerchStoreTests",
            [
                "PerchSeries", "PerchEvents", "PerchModel", "PerchFiles", "PerchBytes",
                .product(name: "Logging", package: "swift-log"),
            ]),
        tests("PerchAPITests", ["PerchAPI", "PerchModel"]),
        tests("PerchAccessTests", ["PerchAccess", "PerchCatalog", "PerchModel"]),
        tests(
            "PerchIngestTests",
            [
                "PerchIngest", "PerchModel", "PerchWire", "PerchCodec", "PerchRegex",
                "PerchSeries", "PerchEvents", "PerchFiles",
                .product(name: "Logging", package: "swift-log"),
                server("NIOCore", "swift-nio"), server("NIOPosix", "swift-nio"),
                server("NIOHTTP1", "swift-nio"),
            ]),
        tests(
            "PerchWebTests",
            [
                "PerchWeb", "PerchDashboards", "PerchModel", "PerchPromQL", "PerchLogQL",
                server("Hummingbird", "hummingbird"),
                server("HummingbirdTesting", "hummingbird"),
                server("HTTPTypes", "swift-http-types"),
                server("NIOCore", "swift-nio"),
            ],
            exclude: ["Golden"]),
        tests(
            "EndToEndTests",
            [
                "PerchServer", "PerchAccess", "PerchIngest", "PerchModel",
                server("AsyncHTTPClient", "async-http-client"),
                server("NIOCore", "swift-nio"), server("NIOPosix", "swift-nio"),
                server("NIOHTTP1", "swift-nio"), server("NIOSSL", "swift-nio-ssl"),
                server("NIOWebSocket", "swift-nio"),
                server("NIOHTTP2", "swift-nio-http2"), server("NIOHPACK", "swift-nio-http2"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Certificates", "Configurations", "Scripts"]),
    ]
)
