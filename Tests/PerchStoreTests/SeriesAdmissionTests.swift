import PerchModel
import PerchSeries
import PerchTestSupport
import Testing

@Suite("Which samples are taken")
struct SeriesAdmissionTests {
    private static let start: Int64 = 1_700_000_000_000

    static func batch(_ name: String, _ samples: [(Int64, Double)]) -> SampleBatch {
        var batch = SampleBatch()
        let series = batch.addSeries(Labels([("__name__", name)]))
        for (time, value) in samples {
            batch.addSample(series: series, timeMillis: time, value: value)
        }
        return batch
    }

    private static let everything = SampleQuery(matchers: [], times: 0...(2 * start))

    private func write(
        _ store: SeriesStore, _ samples: [(Int64, Double)], isBackfill: Bool = false
    ) async throws -> SampleRefusals {
        try await store.write(Self.batch("a", samples), isBackfill: isBackfill)
    }

    @Test("late samples within the window of an hour are taken, older ones refused and counted")
    func window() async throws {
        let store = try await TestStores.samples()
        let now = Self.start
        #expect(try await write(store, [(now, 1)]).count == 0)
        let late = try await write(store, [(now - 3_600_000, 2), (now - 3_600_001, 3)])
        #expect(late.tooOld == 1)
        #expect(late.count == 1)
        #expect(store.stats.refusals.tooOld == 1)
        // Another series is measured by the same newest sample.
        let other = try await store.write(
            Self.batch("b", [(now - 4_000_000, 1)]), isBackfill: false)
        #expect(other.tooOld == 1)
        let chunks = try await store.all(Self.everything)
        #expect(chunks.map(\.times) == [[now - 3_600_000, now]])
        await store.close()
    }

    @Test("a backfill may be of any age")
    func backfill() async throws {
        let store = try await TestStores.samples()
        #expect(try await write(store, [(Self.start, 1)]).count == 0)
        #expect(try await write(store, [(1000, 2), (5000, 3)], isBackfill: true).count == 0)
        try await store.compact()
        let chunks = try await store.all(Self.everything)
        #expect(chunks.map(\.times) == [[1000, 5000, Self.start]])
        await store.close()
    }

    /// More than an hour of a sample each half second, all in memory.
    @Test("a late sample is compared with all of the window when samples came in order")
    func conflictsFarBack() async throws {
        let store = try await TestStores.samples()
        let times = (0..<8_000).map { Self.start - 4_000_000 + Int64($0) * 500 }
        #expect(try await write(store, times.map { ($0, 1) }, isBackfill: true).count == 0)
        let late = Self.start - 3_500_000
        #expect(try await write(store, [(late, 1), (late, 2)]).conflicting == 1)
        #expect(store.stats.sampleCount == 8_000)
        #expect(try await write(store, [(late + 1, 2)]).count == 0)
        #expect(store.stats.sampleCount == 8_001)
        await store.close()
    }

    /// Prometheus would refuse these as out of order or hide them behind the tombstone; here a
    /// deletion is of what was there, so that a history can be corrected.
    @Test("what is written after a deletion is new, also at the times that were deleted")
    func rewrittenAfterDeletion() async throws {
        let store = try await TestStores.samples()
        let wrong = [(Self.start - 2_000, 1.0), (Self.start - 1_000, 2), (Self.start, 3)]
        #expect(try await write(store, wrong).count == 0)
        _ = try await store.write(Self.batch("b", wrong), isBackfill: false)
        try await store.delete(
            [[LabelMatcher("__name__", .equal, "a")]], times: 0...Self.start)
        let right = wrong.map { ($0.0, $0.1 + 10) }
        #expect(try await write(store, right).count == 0)
        #expect(try await write(store, [(Self.start, 14)]).conflicting == 1)
        let other = try await store.write(Self.batch("b", [(Self.start, 4)]), isBackfill: false)
        #expect(other.conflicting == 1, "what was not deleted is known as before")
        for _ in 0..<2 {
            let chunks = try await store.all(Self.everything)
            #expect(chunks.map(\.values) == [[11, 12, 13], [1, 2, 3]])
            try await store.compact()
        }
        await store.close()
    }

    @Test("exemplars that are not kept are counted")
    func exemplars() async throws {
        let store = try await TestStores.samples()
        var batch = Self.batch("a", [(Self.start, 1)])
        for age in [0, 3_600_001, 7_200_000] {
            batch.exemplars.append(
                Exemplar(
                    series: 0, timeMillis: Self.start - Int64(age), value: 1,
                    labels: Labels([("trace_id", "\(age)")])))
        }
        #expect(try await write(store, [(Self.start, 1)]).count == 0)
        #expect(try await store.write(batch, isBackfill: false).count == 0)
        #expect(store.stats.droppedExemplarCount == 2)
        #expect(try await store.all(Self.everything).map(\.exemplars.count) == [1])
        await store.close()
    }

    @Test("more than ten minutes ahead is refused")
    func ahead() async throws {
        let store = try await TestStores.samples()
        let refusals = try await write(
            store, [(Self.start + 600_000, 1), (Self.start + 600_001, 2)])
        #expect(refusals.tooFarAhead == 1)
        #expect(try await store.all(Self.everything).map(\.times) == [[Self.start + 600_000]])
        await store.close()
    }

    @Test(
        "the same value again is taken silently, another one is refused", arguments: [false, true])
    func duplicates(isLate: Bool) async throws {
        let store = try await TestStores.samples()
        let time = Self.start
        #expect(try await write(store, [(time, 1)]).count == 0)
        if isLate { #expect(try await write(store, [(time + 5, 1)]).count == 0) }
        #expect(try await write(store, [(time, 1)]).count == 0)
        #expect(try await write(store, [(time, 2)]).conflicting == 1)
        try await store.flush()
        let chunks = try await store.all(Self.everything)
        #expect(chunks[0].values.first == 1)
        #expect(store.stats.conflictCount == 1)
        await store.close()
    }

    @Test("a sample that is in a segment is not replaced by a later one")
    func segmentsWin() async throws {
        let store = try await TestStores.samples()
        _ = try await write(store, [(1000, 1), (2000, 2)])
        try await store.flush()
        _ = try await write(store, [(1000, 9), (3000, 3)])
        for _ in 0..<2 {
            let chunks = try await store.all(Self.everything)
            #expect(chunks[0].times == [1000, 2000, 3000])
            #expect(chunks[0].values == [1, 2, 3])
            try await store.compact()
        }
        #expect(store.stats.segmentCount == 1)
        await store.close()
    }

    @Test("series that nobody writes to leave the head, and come back under other refs")
    func idleSeries() async throws {
        let store = try await TestStores.samples { $0.headMillisMax = 1_000_000 }
        func many(_ names: Range<Int>, _ time: Int64) -> SampleBatch {
            var batch = SampleBatch()
            for name in names {
                let series = batch.addSeries(Labels([("__name__", "m\(name)")]))
                batch.addSample(series: series, timeMillis: time, value: Double(name))
            }
            return batch
        }
        try await store.append(many(0..<3_000, 0))
        try await store.append(many(2_990..<3_010, 8_000_000))
        // The first makes a new index, the second is the first memtable with it.
        try await store.flush()
        try await store.append(many(2_995..<3_015, 8_001_000))
        try await store.flush()
        #expect(store.stats.seriesCount < 30)
        try await store.append(many(0..<5, 8_002_000))
        let chunks = try await store.all(SampleQuery(matchers: [], times: 0...9_000_000))
        #expect(chunks.count == 3_015)
        for chunk in chunks {
            let number = Int(chunk.labels.metricName.dropFirst()) ?? -1
            #expect(chunk.values.allSatisfy { $0 == Double(number) })
            let expected =
                (number < 3_000 ? 1 : 0) + ((2_990..<3_010).contains(number) ? 1 : 0)
                + ((2_995..<3_015).contains(number) ? 1 : 0) + (number < 5 ? 1 : 0)
            #expect(chunk.times.count == expected, "\(number)")
        }
        await store.close()
    }

    @Test("a long history filled in behind newer samples, some twice, is answered in order")
    func history() async throws {
        let store = try await TestStores.samples()
        let count: Int64 = 3_000
        #expect(try await write(store, [(count * 10, 1)]).count == 0)
        for start in stride(from: Int64(0), to: count, by: 500) {
            let samples = (start..<(start + 500)).map { ($0 * 7_919 % count * 10, Double($0)) }
            #expect(try await write(store, samples, isBackfill: true).conflicting == 0)
            #expect(try await write(store, samples, isBackfill: true).conflicting == 0)
        }
        for _ in 0..<2 {
            let chunks = try await store.all(Self.everything)
            #expect(chunks[0].times == (0...count).map { $0 * 10 })
            try await store.flush()
        }
        #expect(store.stats.segmentSampleCount == Int(count) + 1)
        await store.close()
    }
}
