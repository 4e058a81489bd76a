import Instrumentation
import Logging
import Synchronization

@testable import Perch

/// Collects the lines that a log system writes.
final class Lines: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    var write: @Sendable ([UInt8]) -> Void {
        { [self] line in
            bytes.withLock { $0 += line }
        }
    }

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    var all: [String] { text.split(separator: "\n").map(String.init) }
}

/// The clock of tests: 2026-01-31T23:59:59.123Z.
let fixedTime: Int64 = 1_769_903_999_123_000_000

func logSystem(
    _ lines: Lines, _ configure: (inout LogOptions) -> Void = { _ in }
) -> LogSystem {
    var options = LogOptions()
    configure(&options)
    return LogSystem(
        options: options, service: "api", environment: "test", clock: { fixedTime },
        write: lines.write)
}

func logger(_ system: LogSystem, _ label: String = "shop") -> Logger {
    Logger(label: label, factory: { system.handler(label: $0) })
}

/// Headers as propagation reads and writes them.
struct Headers: Extractor, Injector {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key] = value
    }
}
