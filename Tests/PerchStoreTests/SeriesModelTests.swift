import PerchFiles
import PerchModel
import PerchSeries
import PerchTestSupport
import Testing

/// One thing that is done to a store, and to the model beside it.
private enum Step {
    case append(SampleBatch)
    case flush
    case maintain
    case compact
    case delete([LabelMatcher], ClosedRange<Int64>)
}

/// What a store should hold: plain dictionaries.
private struct Model: Equatable {
    var series: [Labels: [Int64: UInt64]] = [:]

    mutating func take(_ step: Step) {
        switch step {
        case .append(let batch):
            for index in batch.times.indices {
                let labels = batch.labels(at: Int(batch.seriesIndexes[index]))
                let time = batch.times[index]
                if series[labels]?[time] == nil {
                    series[labels, default: [:]][time] = batch.values[index].bitPattern
                }
            }
        case .delete(let matchers, let times):
            for (labels, samples) in series where matchers.allSatisfy({ $0.matches(labels) }) {
                let left = samples.filter { !times.contains($0.key) }
                series[labels] = left.isEmpty ? nil : left
            }
        case .flush, .maintain, .compact: break
        }
    }

    static func of(_ store: SeriesStore) async throws -> Model {
        var model = Model()
        for chunk in try await store.all(SampleQuery(matchers: [], times: 0...1_000_000)) {
            model.series[chunk.labels] = Dictionary(
                uniqueKeysWithValues: zip(chunk.times, chunk.values.map(\.bitPattern)))
        }
        return model
    }
}

/// Requirement: acknowledged is durable, deleted stays deleted, nothing is made up.
@Suite("The series store beside a model")
struct SeriesModelTests {
    /// Steps at random; `mark` makes the times of late samples meet those of earlier ones.
    private static func steps(seed: UInt64, count: Int) -> [Step] {
        var random = SeededGenerator(seed: seed)
        func int(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
        return (1...count).map { mark in
            switch int(0..<10) {
            case 0: return .flush
            case 1: return .maintain
            case 2: return int(0..<2) == 0 ? .compact : .flush
            case 3:
                let start = Int64(int(0..<mark * 10))
                return .delete(
                    [LabelMatcher("n", int(0..<2) == 0 ? .equal : .notEqual, "\(int(0..<4))")],
                    start...(start + Int64(int(0..<100))))
            default:
                var batch = SampleBatch()
                for _ in 0..<int(1..<5) {
                    let series = batch.addSeries(
                        Labels([
                            ("__name__", "m\(int(0..<3))"), ("n", "\(int(0..<4))"),
                            ("mark", "\(mark / 12)"),
                        ]))
                    for _ in 0..<int(1..<4) {
                        let time = max(0, Int64(mark * 10 - int(0..<60)))
                        batch.addSample(
                            series: series, timeMillis: time, value: Double(int(0..<3)))
                    }
                }
                return .append(batch)
            }
        }
    }

    private static func run(_ step: Step, _ store: SeriesStore) async throws {
        switch step {
        case .append(let batch): try await store.append(batch)
        case .flush: try await store.flush()
        case .maintain: await store.maintain()
        case .compact: try await store.compact()
        case .delete(let matchers, let times):
            try await store.delete([matchers], times: times)
        }
    }

    @Test(
        "whatever is done, the answers are the model's, before and after a restart",
        arguments: 0..<12)
    func agrees(seed: Int) async throws {
        let files = InMemoryFiles()
        var store = try await TestStores.samples(files)
        var model = Model()
        for (index, step) in Self.steps(seed: UInt64(seed), count: 60).enumerated() {
            try await Self.run(step, store)
            model.take(step)
            if index % 5 == 0 {
                #expect(try await Model.of(store) == model, "seed \(seed) after step \(index)")
            }
            if index % 17 == 16 {
                await store.close()
                store = try await TestStores.samples(files)
                #expect(try await Model.of(store) == model, "seed \(seed) restart at \(index)")
            }
        }
        try await store.compact()
        #expect(try await Model.of(store) == model)
        #expect(store.stats.segmentCount <= 1)
        await store.close()
    }

    /// How many file operations a run without a stop makes.
    private static func operationCount(_ steps: [Step]) async throws -> Int {
        let files = FaultyFiles(InMemoryFiles())
        let store = try await TestStores.samples(files)
        for step in steps { try await run(step, store) }
        await store.close()
        return files.operationCount
    }

    /// All operations of each seed take minutes; together the seeds meet every kind of moment.
    @Test("a stop at any file operation loses nothing acknowledged", arguments: 0..<4)
    func survivesStops(seed: Int) async throws {
        let steps = Self.steps(seed: UInt64(100 + seed), count: 22)
        let operationCount = try await Self.operationCount(steps)
        #expect(operationCount > 60)
        for stopAt in stride(from: 5 * seed, to: operationCount, by: LongRun.isAsked ? 3 : 20) {
            try await stop(steps, at: stopAt, seed: seed)
        }
    }

    private func stop(_ steps: [Step], at stopAt: Int, seed: Int) async throws {
        let disk = InMemoryFiles()
        let files = FaultyFiles(disk) { index, operation in
            guard index >= stopAt else { return nil }
            return operation == .write ? .stopTearing(byteCount: stopAt * 7 % 300) : .stop
        }
        // What was acknowledged, and what may be there besides.
        var model = Model()
        var possible = Model()
        if let store = try? await TestStores.samples(files) {
            for step in steps {
                possible.take(step)
                guard (try? await Self.run(step, store)) != nil, !files.isStopped else {
                    // A step without an answer may have been done.
                    break
                }
                model.take(step)
            }
            await store.close()
        }
        let torn = stopAt % 3 == 0 ? nil : UInt64(stopAt)
        let crashed = disk.crashed(tornBySeed: torn)
        let store = try await TestStores.samples(crashed)
        let found = try await Model.of(store)
        #expect(found == model || found == possible, "seed \(seed), stop at \(stopAt)")
        // It goes on from there.
        let more = Step.append(SeriesAdmissionTests.batch("more", [(900, 1)]))
        var after = found
        after.take(more)
        try await Self.run(more, store)
        try await store.compact()
        #expect(try await Model.of(store) == after, "seed \(seed), after a stop at \(stopAt)")
        await store.close()
        let again = try await TestStores.samples(crashed)
        #expect(try await Model.of(again) == after, "seed \(seed), restart after \(stopAt)")
        await again.close()
    }

    @Test("a changed byte in any file costs samples at most, and makes none up")
    func survivesDamage() async throws {
        let files = InMemoryFiles()
        let store = try await TestStores.samples(files)
        var model = Model()
        for mark in 1...6 {
            var samples: [(Int64, Double)] = []
            for index in 0..<40 { samples.append((Int64(mark * 100 + index), Double(index))) }
            let step = Step.append(SeriesAdmissionTests.batch("m\(mark % 2)", samples))
            try await Self.run(step, store)
            model.take(step)
            if mark % 2 == 0 { try await store.flush() }
            if mark == 4 {
                let delete = Step.delete([LabelMatcher("__name__", .equal, "m1")], 300...310)
                try await Self.run(delete, store)
                model.take(delete)
            }
        }
        let last = Step.append(SeriesAdmissionTests.batch("m1", [(900, 1)]))
        try await Self.run(last, store)
        model.take(last)
        await store.close()
        let segments = TestStores.directory.child("segments")
        var paths = try files.list(TestStores.directory).map { TestStores.directory.child($0) }
        paths += try files.list(segments).map { segments.child($0) }
        for path in paths where (try? files.byteCount(of: path)) != nil {
            try await damage(path, files, model)
        }
    }

    private func damage(_ path: FilePath, _ files: InMemoryFiles, _ model: Model) async throws {
        let byteCount = try files.byteCount(of: path)
        for place in stride(from: 0, to: byteCount, by: max(1, byteCount / 20)) {
            let copy = files.crashed()
            copy.damage(path) { $0[place] ^= 0x10 }
            let store: SeriesStore
            do {
                store = try await TestStores.samples(copy)
            } catch {
                // A file that says to be of another version or store is not touched.
                #expect("\(error)".contains("version") || "\(error)".contains("kind"))
                continue
            }
            let found = try await Model.of(store)
            for (labels, samples) in found.series {
                for (time, bits) in samples {
                    let known = model.series[labels]?[time]
                    let isBack = path.text.hasSuffix("DELETIONS") && (300...310).contains(time)
                    #expect(known == bits || isBack, "\(path.text) at \(place)")
                }
            }
            await store.close()
        }
    }
}
