import Foundation
import Logging

/// Plain lines on the error stream, for whoever sits at the terminal.
struct ConsoleLog: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    private let label: String

    init(label: String) {
        self.label = label
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let extra = metadata.merging(event.metadata ?? [:]) { _, new in new }
            .sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        try? FileHandle.standardError.write(
            contentsOf: Data("\(label): \(event.message)\(extra)\n".utf8))
    }
}
