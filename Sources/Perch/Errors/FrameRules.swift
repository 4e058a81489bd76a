/// Tells the application's own code from that of others.
struct FrameRules: Sendable {
    /// Modules that the application names as its own.
    var inAppModules: Set<String>
    /// The path of the program.
    var program: String?

    /// Modules of the standard library and of packages that most servers have.
    private static let others: Set<String> = [
        "Perch", "PerchHummingbird", "PerchTesting", "PerchModel", "PerchWire", "Swift", "Runtime",
        "Foundation", "FoundationEssentials", "Dispatch", "Synchronization", "Testing", "XCTest",
        "Logging", "CoreMetrics", "Metrics", "Instrumentation", "Tracing", "ServiceContextModule",
        "ServiceLifecycle", "UnixSignals", "AsyncHTTPClient", "AsyncAlgorithms", "Hummingbird",
        "HummingbirdCore", "HummingbirdTLS", "HTTPTypes", "Vapor", "Crypto", "Atomics",
        "Configuration", "SystemPackage", "PostgresNIO", "MySQLNIO", "RediStack", "Valkey",
        "GRPCCore", "SwiftProtobuf", "GRDB", "ArgumentParser",
    ]

    /// Whether a module is the SDK's.
    static func isSDK(_ module: String?) -> Bool { module == "Perch" || module == "Runtime" }

    /// Whether a frame is the application's: its code is in the program, and neither its module
    /// nor its path is known to be somebody else's.
    func isInApp(_ frame: StackFrame) -> Bool {
        if let module = frame.module, inAppModules.contains(module) { return true }
        if let program, frame.image != program { return false }
        if let file = frame.file, file.contains("/checkouts/") { return false }
        guard let module = frame.module else { return frame.file != nil }
        return !Self.others.contains(module) && !module.hasPrefix("NIO")
            && !module.hasPrefix("_")
    }
}

/// Reads a little of what Swift's mangled names say.
///
/// Source: the Swift project's document on mangling.
enum MangledName {
    /// The module that declares a function: the first identifier of its name.
    static func module(of name: String) -> String? {
        var rest = Substring(name)
        guard let start = ["$s", "_$s", "$S"].first(where: rest.hasPrefix) else { return nil }
        rest = rest.dropFirst(start.count)
        guard let first = rest.utf8.first else { return nil }
        // `s` is the standard library, `S` one of its types: their extensions name a module later.
        if !(0x30...0x39).contains(first) {
            guard let place = rest.firstIndex(where: { ("1"..."9").contains($0) }),
                first == 0x53 || first == 0x73
            else { return nil }
            let tail = rest[place...]
            guard first == 0x53, let word = identifier(tail),
                tail.dropFirst("\(word.utf8.count)".count + word.count).first == "E"
            else { return "Swift" }
            return word
        }
        return identifier(rest)
    }

    /// `4Shop…`: a length, and that many bytes.
    private static func identifier(_ text: Substring) -> String? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard let count = Int(digits), count > 0 else { return nil }
        let word = text.dropFirst(digits.count).utf8.prefix(count)
        return word.count == count ? String(word) : nil
    }
}
