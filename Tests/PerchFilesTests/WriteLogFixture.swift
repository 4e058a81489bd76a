import PerchBytes
import PerchFiles
import PerchTestSupport
import Synchronization

/// A log whose records are a number and a filling that follows from it, so that a record that was
/// changed, lost, doubled or made up is noticed.
struct NumberLog: Sendable {
    static let directory = FilePath.from("/data/log")

    let log: WriteLog
    /// The numbers whose commit ran, in that order.
    let committed: Committed

    final class Committed: Sendable {
        private let numbers = Mutex<[UInt64]>([])
        var all: [UInt64] { numbers.withLock { $0 } }
        func add(_ number: UInt64) { numbers.withLock { $0.append(number) } }
    }

    init(
        _ files: any FileStore, directory: FilePath = NumberLog.directory,
        _ change: (inout WriteLog.Options) -> Void = { _ in }
    ) throws {
        var options = WriteLog.Options(kind: 7, clock: { 1_700_000_000_000_000_000 }, salt: { 42 })
        options.fileByteCountMax = 1024
        options.freeByteCountMin = 0
        change(&options)
        log = try WriteLog(files: files, directory: directory, options: options)
        committed = Committed()
    }

    static func payload(_ number: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: number)
        var bytes: [UInt8] = []
        LittleEndian.append(number, to: &bytes)
        return bytes + random.bytes(count: Int.random(in: 0..<90, using: &random))
    }

    func append(_ number: UInt64) async throws(WriteLogFailure) {
        let payload = Self.payload(number)
        let committed = committed
        try await log.append(
            byteCountEstimate: payload.count,
            summary: WriteLogSummary(
                rowCount: 1, minTime: Int64(number), maxTime: Int64(number)),
            encode: { buffer, _ in buffer.append(contentsOf: payload) },
            commit: { _ in committed.add(number) })
    }

    /// The numbers of all records in all files; throws when one is not what was written.
    func replayAll() throws -> [UInt64] {
        var numbers: [UInt64] = []
        for file in log.files {
            _ = try replay(file.sequence) { numbers.append($0) }
        }
        return numbers
    }

    func replay(
        _ sequence: UInt64, _ body: (UInt64) -> Void
    ) throws -> WriteLog.ReplayReport {
        try log.replay(file: sequence) { payload in
            var reader = ByteReader(payload)
            let number = try reader.read(UInt64.self)
            guard Array(payload) == Self.payload(number) else { throw Changed(number: number) }
            body(number)
        }
    }

    struct Changed: Error { let number: UInt64 }
}
