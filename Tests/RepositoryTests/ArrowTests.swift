import Testing

/// Which target may import what.
///
/// Written twice on purpose: here and in `Package.swift`.
enum Arrows {
    /// What belongs to the toolchain and no target needs to declare.
    static let everywhere: Set<String> = ["Swift", "Synchronization"]

    /// The platform's C library and Foundation, where a target talks to the platform.
    static let platform: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Musl", "Darwin", "Dispatch",
    ]

    /// Targets that may import `platform`.
    ///
    /// Model, decoders, stores and the query languages may not.
    static let mayUsePlatform: Set<String> = [
        "PerchFiles", "PerchCatalog", "PerchAccess", "PerchAPI", "PerchWeb", "PerchServer",
        "PerchCommand", "Shop",
    ]

    /// The C library for sines and powers, which the standard library lacks: one file of each
    /// query language.
    static let mathematics = (
        paths: [
            "Sources/PerchPromQL/Text/Mathematics.swift",
            "Sources/PerchLogQL/Mathematics.swift",
        ] as Set<String>,
        modules: ["Glibc", "Musl", "Darwin"] as Set<String>
    )

    static let allowed: [String: Set<String>] = [
        "PerchModel": [],
        "PerchBytes": ["CPerchBytes"],
        "PerchRegex": ["CPerchRE2"],
        "PerchFiles": ["PerchBytes", "SystemPackage"],
        "PerchCodec": ["PerchBytes", "CZstd", "CZlib", "CSnappy"],
        "PerchWire": ["PerchModel", "PerchBytes"],
        "PerchPromQL": ["PerchModel", "PerchRegex"],
        "PerchLogQL": ["PerchModel", "PerchRegex"],
        "PerchSeries": [
            "PerchModel", "PerchBytes", "PerchFiles", "PerchCodec", "PerchRegex", "Logging",
        ],
        "PerchEvents": ["PerchModel", "PerchBytes", "PerchFiles", "PerchCodec", "Logging"],
        "PerchDashboards": ["PerchModel", "PerchRegex"],
        "PerchCatalog": ["PerchModel", "GRDB"],
        "PerchAccess": ["PerchModel", "Crypto", "CryptoExtras"],
        "PerchIngest": [
            "PerchModel", "PerchWire", "PerchCodec", "PerchRegex", "Crypto", "AsyncHTTPClient",
            "NIOCore",
            "NIOHTTP1", "NIOSSL",
        ],
        "PerchAPI": [
            "PerchModel", "PerchCodec", "PerchWire", "PerchIngest", "PerchPromQL", "PerchLogQL",
            "PerchAccess", "Hummingbird", "HTTPTypes", "NIOCore", "NIOHTTP1", "NIOWebSocket",
            "NIOHTTP2", "NIOHPACK", "Logging",
        ],
        "PerchWeb": [
            "PerchModel", "PerchPromQL", "PerchLogQL", "PerchDashboards", "PerchAccess",
            "CPerchAssets", "Hummingbird", "HTTPTypes", "NIOCore",
        ],
        "PerchServer": [
            "PerchModel", "PerchFiles", "PerchSeries", "PerchEvents", "PerchCatalog",
            "PerchAccess", "PerchIngest", "PerchWire", "PerchPromQL", "PerchLogQL", "PerchAPI",
            "PerchWeb",
            "Hummingbird",
            "HummingbirdCore",
            "HTTPTypes", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOHTTP2", "NIOSSL", "Yams",
            "Logging",
            "ServiceLifecycle", "UnixSignals", "SystemPackage",
        ],
        "PerchCommand": [
            "PerchServer", "PerchAccess", "PerchPromQL", "PerchCodec", "ArgumentParser",
            "AsyncHTTPClient", "Logging", "NIOCore", "NIOHTTP1", "UnixSignals",
        ],
        "Perch": [
            "PerchModel", "PerchWire", "Logging", "CoreMetrics", "Instrumentation", "Tracing",
            "Configuration", "ServiceLifecycle", "AsyncHTTPClient", "NIOCore", "NIOPosix",
            "NIOHTTP1", "SystemPackage", "CPerchCrash",
            // Stacks, and the text form of one that the runtime reads.
            "Runtime", "FoundationEssentials", "Glibc",
        ],
        "PerchHummingbird": [
            "Perch", "PerchModel", "Hummingbird", "HTTPTypes", "NIOCore", "Logging",
            "CoreMetrics", "Instrumentation", "Tracing",
        ],
        "PerchTesting": ["Perch", "Logging"],
        "Shop": [
            "Perch", "PerchHummingbird", "Instrumentation", "Tracing", "Hummingbird", "HTTPTypes",
            "NIOCore", "NIOHTTP1", "AsyncHTTPClient", "GRDB", "Logging",
            "ServiceLifecycle", "UnixSignals",
        ],
    ]

    /// Imports that the table does not allow.
    static func findings(in files: [SourceFile]) -> [Finding] {
        var findings: [Finding] = []
        for file in files {
            guard let target = target(of: file) else { continue }
            let table = (allowed[target] ?? []).union(everywhere)
                .union(mayUsePlatform.contains(target) ? platform : [])
                .union(mathematics.paths.contains(file.path) ? mathematics.modules : [])
            for (number, line) in file.code.lines.enumerated() {
                guard let module = module(importedBy: line), !table.contains(module) else {
                    continue
                }
                findings.append(
                    Finding(
                        path: file.path, line: number + 1,
                        message: "\(target) may not import \(module)"))
            }
        }
        return findings
    }

    static func target(of file: SourceFile) -> String? {
        file.path.hasPrefix("Examples/Shop/") ? "Shop" : file.target
    }

    /// The top module of an import, whatever its access level, attributes or kind.
    static func module(importedBy line: String) -> String? {
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place + 1 < words.count else {
            return nil
        }
        let levels: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
        guard words[..<place].allSatisfy({ levels.contains($0) || $0.hasPrefix("@") }) else {
            return nil
        }
        let kinds: Set<Substring> = [
            "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
        ]
        let named = kinds.contains(words[place + 1]) ? place + 2 : place + 1
        guard named < words.count else { return nil }
        return words[named].split(separator: ".").first.map(String.init)
    }
}

@Suite struct ArrowTests {
    @Test func sourcesImportOnlyWhatTheTableAllows() {
        expectNone(Arrows.findings(in: Repository.code))
    }

    @Test func everyTargetIsInTheTable() {
        let folders = Repository.folders(in: "Sources").filter { !$0.hasPrefix("C") }
        #expect(Set(folders).union(["Shop"]) == Set(Arrows.allowed.keys))
    }

    /// A target named in the table may be declared with less, never with more.
    @Test func theManifestDeclaresEveryArrow() throws {
        let manifest = try #require(Repository.file("Package.swift")).text
        for (target, modules) in Arrows.allowed {
            #expect(manifest.contains("\"\(target)\""))
            for module in modules.subtracting(Arrows.platform).subtracting(["Runtime"]) {
                #expect(manifest.contains("\"\(module)\""), "\(target) → \(module)")
            }
        }
    }

    @Test(arguments: [
        "import PerchSeries", "package import NIOCore", "@preconcurrency import Foundation",
        "@_exported import struct PerchAPI.Route", "import Foundation",
    ])
    func anArrowAgainstTheTableIsFound(_ line: String) {
        let bad = SourceFile(path: "Sources/PerchWire/Bad.swift", text: "\n\(line)\n")
        #expect(Arrows.findings(in: [bad]).map(\.line) == [2])
    }

    @Test func importsInCommentsAndStringsAreNot() {
        let text = "// import NIOCore\nlet a = \"import NIOCore\"\nimport PerchModel\n"
        #expect(
            Arrows.findings(in: [SourceFile(path: "Sources/PerchWire/A.swift", text: text)]) == [])
    }

    @Test func theDemoKnowsNoTargetOfTheServer() {
        let bad = SourceFile(path: "Examples/Shop/Bad.swift", text: "import PerchModel")
        #expect(Arrows.findings(in: [bad]).count == 1)
    }
}
