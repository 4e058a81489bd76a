import PerchEvents
import PerchFiles
import PerchModel
import PerchTestSupport
import Testing

/// Requirements: RET-1, RET-2: rows of a kind are kept longer or shorter than the others.
@Suite("Retention of events by rule")
struct EventRuleRetentionTests {
    private static let day: Int64 = 86_400 * 1_000_000_000
    private static let severity = FieldReference("severity_number", space: .record)
    private static let errors = EventStore.RetentionRule(
        .logs, .compares(severity, .greaterOrEqual, 17), nanos: 90 * day)
    private static let debug = EventStore.RetentionRule(
        .logs, .compares(severity, .less, 9), nanos: 3 * day)

    /// 30 rows: debug, info, error in turn.
    private static func batch(_ dataset: Dataset, at time: Int64) -> EventBatch {
        var builder = EventBatchBuilder(dataset: dataset)
        let sender = builder.intern(Resource([]))
        for row in 0..<30 {
            builder.beginRow(timeNanos: time + Int64(row), resource: sender)
            builder.set(.record, "severity_number", int: [5, 9, 17][row % 3])
        }
        return builder.batch
    }

    private static func levels(_ store: EventStore) async throws -> [Int64: Int] {
        var counts: [Int64: Int] = [:]
        for batch in try await store.all(EventQuery(dataset: .logs, times: 0..<Int64.max)) {
            for row in 0..<batch.rowCount {
                if case .int(let level) = batch.value(of: severity, row: row) {
                    counts[level, default: 0] += 1
                }
            }
        }
        return counts
    }

    private static func open(
        _ files: any FileStore, _ clock: ManualClock, _ headByteCountMax: Int
    ) async throws -> EventStore {
        try await TestEvents.open(files, clock: clock) { options in
            options.headByteCountMax = headByteCountMax
            options.retentionNanosByDataset = [.logs: 30 * day, .spans: 14 * day]
            options.retentionRules = [errors, debug]
        }
    }

    @Test("rows are not shown, then gone, each kind at its age", arguments: [1, 1 << 28])
    func ages(headByteCountMax: Int) async throws {
        let clock = ManualClock()
        let files = InMemoryFiles()
        let store = try await Self.open(files, clock, headByteCountMax)
        try await store.append(Self.batch(.logs, at: clock.now()))
        try await store.append(Self.batch(.spans, at: clock.now()))
        try await store.flush()
        let steps: [(days: Int64, levels: [Int64: Int], rowCount: Int)] = [
            (2, [5: 10, 9: 10, 17: 10], 60), (2, [9: 10, 17: 10], 50), (11, [9: 10, 17: 10], 20),
            (16, [17: 10], 10), (58, [17: 10], 10), (2, [:], 0),
        ]
        for step in steps {
            clock.advance(nanos: step.days * Self.day)
            #expect(try await Self.levels(store) == step.levels)
            await store.maintain()
            #expect(try await Self.levels(store) == step.levels)
            #expect(store.stats.rowCount == step.rowCount)
        }
        #expect(store.stats.segmentCount == 0)
        await store.close()
    }

    @Test("a segment is gone through once for each age, also over restarts")
    func goneThroughOnce() async throws {
        let clock = ManualClock()
        let files = InMemoryFiles()
        let store = try await Self.open(files, clock, 1)
        try await store.append(Self.batch(.logs, at: clock.now()))
        try await store.flush()
        clock.advance(nanos: 31 * Self.day)
        await store.maintain()
        #expect(store.stats.mergeCount == 1)
        #expect(store.stats.droppedRowCount == 20)
        await store.maintain()
        #expect(store.stats.mergeCount == 1)
        await store.close()
        let again = try await Self.open(files.crashed(), clock, 1)
        await again.maintain()
        #expect(again.stats.mergeCount == 0)
        #expect(try await Self.levels(again) == [17: 10])
        // A shorter time is carried out in what was gone through before.
        again.setLimits(
            diskByteCountMax: nil, retentionNanos: nil,
            retentionNanosByDataset: [.logs: 20 * Self.day])
        #expect(try await Self.levels(again).isEmpty)
        await again.maintain()
        #expect(again.stats.segmentCount == 0)
        await again.close()
    }

    @Test("the first rule that names a row holds")
    func firstRule() async throws {
        let clock = ManualClock()
        let store = try await TestEvents.open(clock: clock) { options in
            options.retentionNanosByDataset = [.logs: 30 * Self.day]
            options.retentionRules = [
                EventStore.RetentionRule(
                    .logs, .compares(Self.severity, .equal, 9), nanos: 60 * Self.day),
                EventStore.RetentionRule(
                    .logs, .compares(Self.severity, .greaterOrEqual, 9), nanos: 10 * Self.day),
            ]
        }
        try await store.append(Self.batch(.logs, at: clock.now()))
        clock.advance(nanos: 11 * Self.day)
        #expect(try await Self.levels(store) == [5: 10, 9: 10])
        clock.advance(nanos: 20 * Self.day)
        #expect(try await Self.levels(store) == [9: 10])
        clock.advance(nanos: 30 * Self.day)
        #expect(try await Self.levels(store).isEmpty)
        await store.close()
    }
}

@Suite("Rows left out when they become a segment")
struct EventSealPolicyTests {
    @Test("a policy is given all rows of a file at once, of its dataset only, while it is active")
    func policy() async throws {
        let files = InMemoryFiles()
        let store = try await TestEvents.open(files) { options in
            options.sealPolicy = EventStore.SealPolicy(
                .spans, isActive: { true },
                apply: { batch in
                    // Each row stands for all.
                    var kept = batch.selecting(rows: [0])
                    var weight = Column(name: RecordField.weight, space: .record, kind: .int)
                    (weight.rows, weight.ints) = ([0], [Int64(batch.rowCount)])
                    kept.columns.append(weight)
                    return kept
                })
        }
        for dataset in [Dataset.logs, .spans] {
            for file in 0..<3 {
                var builder = EventBatchBuilder(dataset: dataset)
                let sender = builder.intern(Resource([]))
                for row in 0..<7 {
                    builder.beginRow(timeNanos: Int64(file * 10 + row), resource: sender)
                    builder.set(.attribute, "n", int: Int64(row))
                }
                try await store.append(builder.batch)
            }
        }
        let spans = EventQuery(dataset: .spans, times: 0..<100)
        #expect(try await store.all(spans).reduce(0) { $0 + $1.rowCount } == 21)
        try await store.flush()
        await store.close()
        let again = try await TestEvents.open(files)
        let left = try await again.all(spans)
        #expect(left.reduce(0) { $0 + $1.rowCount } == 1)
        #expect(left.reduce(0) { $0 + $1.totalWeight } == 21)
        let logs = try await again.all(EventQuery(dataset: .logs, times: 0..<100))
        #expect(logs.reduce(0) { $0 + $1.rowCount } == 21)
        await again.close()
    }
}
