import PerchEvents
import PerchFiles
import PerchModel
import PerchTestSupport
import Testing

/// Requirements: RET-1, RET-2: what is too old for what it is stays away, and nothing else goes,
/// wherever the work on it stops.
@Suite("The age of events, stopped anywhere")
struct EventAgeCrashTests {
    private static let day: Int64 = 86_400 * 1_000_000_000
    private static let level = FieldReference(RecordField.severityNumber, space: .record)

    /// A record's mark, its level, and the day on which it was written.
    private struct Record: Hashable {
        var mark: Int
        var level: Int64
        var day: Int64

        /// Info for 30 days, errors for 90, debug for 3.
        func isKept(on today: Int64) -> Bool {
            let days: Int64 = level >= 17 ? 90 : level < 9 ? 3 : 30
            return today - day <= days
        }
    }

    private static func open(
        _ files: any FileStore, _ clock: ManualClock
    ) async throws -> EventStore {
        try await TestEvents.open(files, clock: clock) { options in
            options.fileByteCountMax = 400
            options.headByteCountMax = 1
            options.retentionNanosByDataset = [.logs: 30 * day, .spans: 14 * day]
            options.retentionRules = [
                EventStore.RetentionRule(
                    .logs, .compares(level, .greaterOrEqual, 17), nanos: 90 * day),
                EventStore.RetentionRule(.logs, .compares(level, .less, 9), nanos: 3 * day),
            ]
        }
    }

    private static func batch(_ records: [Record], at time: Int64) -> EventBatch {
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(Resource([]))
        for record in records {
            builder.beginRow(timeNanos: time, resource: sender)
            builder.set(.record, RecordField.severityNumber, int: record.level)
            builder.set(.attribute, "mark", int: Int64(record.mark))
        }
        return builder.batch
    }

    private static func marks(_ store: EventStore) async throws -> [Int: Int] {
        var counts: [Int: Int] = [:]
        for batch in try await store.all(EventQuery(dataset: .logs, times: .min ..< .max)) {
            for row in 0..<batch.rowCount {
                guard case .int(let mark) = batch.value(of: FieldReference("mark"), row: row) else {
                    throw ContractViolation("a row without its mark")
                }
                counts[Int(mark), default: 0] += 1
            }
        }
        return counts
    }

    /// The days on which something is written, or only the work on ages is done.
    private static let days: [Int64] = [0, 1, 2, 4, 29, 31, 32, 60, 89, 92]

    /// What was acknowledged, and the day on which it ended.
    private static func run(
        _ files: any FileStore, _ clock: ManualClock
    ) async -> (records: [Record], today: Int64) {
        var records: [Record] = []
        var today: Int64 = 0
        guard let store = try? await open(files, clock) else { return (records, today) }
        for day in days {
            clock.advance(nanos: (day - today) * Self.day)
            today = day
            let new = [5, 9, 17].map {
                Record(
                    mark: Int(day) * 3 + [5: 0, 9: 1, 17: 2][$0, default: 0], level: $0, day: day)
            }
            if day % 30 != 29, (try? await store.append(batch(new, at: clock.now()))) != nil {
                records += new
            }
            try? await store.flush()
            await store.maintain()
        }
        await store.close()
        return (records, today)
    }

    @Test("a stop at any operation shows nothing too old and loses nothing else", arguments: 0..<4)
    func stops(part: Int) async throws {
        var index = part + 4 * Int.random(in: 0..<6)
        while true {
            let clock = ManualClock()
            let disk = InMemoryFiles()
            let stopAt = index
            let files = FaultyFiles(disk) { at, operation in
                guard at == stopAt else { return nil }
                return operation == .write ? .stopTearing(byteCount: stopAt % 61) : .stop
            }
            let outcome = await Self.run(files, clock)
            let context = Comment(rawValue: "stop at \(index)")
            let store = try await Self.open(
                disk.crashed(tornBySeed: index % 2 == 0 ? nil : UInt64(index)), clock)
            let wanted = Set(outcome.records.filter { $0.isKept(on: outcome.today) }.map(\.mark))
            let gone = Set(outcome.records.filter { !$0.isKept(on: outcome.today) }.map(\.mark))
            for _ in 0..<2 {
                let found = try await Self.marks(store)
                #expect(found.values.allSatisfy { $0 == 1 }, context)
                #expect(wanted.isSubset(of: found.keys), context)
                #expect(gone.isDisjoint(with: found.keys), context)
                await store.maintain()
            }
            // When all is too old, all is gone.
            clock.advance(nanos: 91 * Self.day)
            await store.maintain()
            #expect(try await Self.marks(store).isEmpty, context)
            #expect(store.stats.rowCount == 0, context)
            await store.close()
            if !files.isStopped { break }
            index += 24
        }
        #expect(index > 60)
    }
}
