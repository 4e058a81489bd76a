package import PerchModel

/// What every sample store promises.
///
/// Each check takes an empty store.
package enum SampleStoreContract {
    package typealias Store = any (SampleSink & SampleSource)

    /// All checks, each on a store of its own.
    package static func verify(_ makeStore: () async throws -> Store) async throws {
        for seed in 1...3 { try await answersAgree(makeStore(), seed: UInt64(seed)) }
        try await firstValueWins(makeStore())
        try await readsAreSnapshots(makeStore())
        try await staleMarkersKeepTheirBits(makeStore())
        try await cancellation(makeStore())
        try await wholeBatches(makeStore())
    }

    /// Appended at random and asked at random, the answers are those of the oracle.
    package static func answersAgree(_ store: Store, seed: UInt64) async throws {
        let oracle = InMemorySampleStore()
        var random = RandomSamples(seed: seed)
        for _ in 0..<30 {
            let batch = random.batch()
            try await store.append(batch)
            try await oracle.append(batch)
        }
        try await compare(store, oracle, &random, questionCount: 40)
    }

    /// Random questions to both; used beside a model as well.
    package static func compare(
        _ store: some SampleSource, _ oracle: some SampleSource, _ random: inout RandomSamples,
        questionCount: Int
    ) async throws {
        for _ in 0..<questionCount {
            let query = random.query()
            let got = try await store.all(query)
            let expected = try await oracle.all(query)
            try require(
                got.map(\.labels) == expected.map(\.labels), "other series or order: \(query)")
            for (left, right) in zip(got, expected) {
                try require(left.times == right.times, "other times: \(query)")
                try require(
                    left.values.map(\.bitPattern) == right.values.map(\.bitPattern),
                    "other values: \(query)")
                try require(left.histograms == right.histograms, "other histograms: \(query)")
                let known = right.exemplars
                try require(
                    left.exemplars.allSatisfy { known.contains($0) }, "other exemplars: \(query)")
                try require(
                    left.exemplars.isEmpty == known.isEmpty, "no exemplars: \(query)")
            }
        }
        let known = try await store.metadata()
        let expected = try await oracle.metadata()
        try require(known == expected, "other metadata")
    }

    private static func batch(_ name: String, _ samples: [(Int64, Double)]) -> SampleBatch {
        var batch = SampleBatch()
        let series = batch.addSeries(Labels([("__name__", name)]))
        for (time, value) in samples {
            batch.addSample(series: series, timeMillis: time, value: value)
        }
        return batch
    }

    private static let everything = SampleQuery(matchers: [], times: 0...10_000)

    /// Of two values at one time the first stays, whether it comes in order or late.
    package static func firstValueWins(_ store: Store) async throws {
        try await store.append(batch("a", [(1000, 1), (3000, 3)]))
        try await store.append(batch("a", [(3000, 4), (2000, 2), (2000, 5), (1000, 9)]))
        let chunks = try await store.all(everything)
        try require(chunks.count == 1, "\(chunks.count) series")
        try require(chunks[0].times == [1000, 2000, 3000], "times \(chunks[0].times)")
        try require(chunks[0].values == [1, 2, 3], "values \(chunks[0].values)")
    }

    /// A cursor sees what was visible when it was opened.
    package static func readsAreSnapshots(_ store: Store) async throws {
        try await store.append(batch("a", [(1000, 1)]))
        var cursor = store.read(everything)
        try await store.append(batch("a", [(2000, 2)]))
        try await store.append(batch("b", [(2000, 2)]))
        let first = try await cursor.next()
        try require(first?.times == [1000], "a snapshot with \(first?.times ?? [])")
        let second = try await cursor.next()
        try require(second == nil, "a series that came after the snapshot")
    }

    package static func staleMarkersKeepTheirBits(_ store: Store) async throws {
        let marker = Double(bitPattern: SampleBatch.staleMarkerBits)
        try await store.append(batch("a", [(1000, marker), (2000, .nan), (3000, -0.0)]))
        let values = try await store.all(everything).first?.values ?? []
        try require(
            values.map(\.bitPattern)
                == [marker, .nan, -0.0].map(\.bitPattern), "other bits: \(values)")
    }

    /// A cancelled reader is told so.
    package static func cancellation(_ store: Store) async throws {
        try await store.append(batch("a", [(1000, 1)]))
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            do {
                _ = try await store.all(everything)
                return false
            } catch {
                return (error as? StoreFailure) == .cancelled
            }
        }
        task.cancel()
        let wasCancelled = await task.value
        try require(wasCancelled, "a cancelled read went on")
    }

    /// Many write while many read: a read sees each batch whole or not at all.
    package static func wholeBatches(_ store: Store) async throws {
        let seriesCount = 7
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for round in 0..<10 {
                        var batch = SampleBatch()
                        for index in 0..<seriesCount {
                            let series = batch.addSeries(
                                Labels([("__name__", "a"), ("series", "\(index)")]))
                            batch.addSample(
                                series: series, timeMillis: Int64(writer * 100 + round), value: 1)
                        }
                        try await store.append(batch)
                    }
                }
            }
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<10 {
                        let chunks = try await store.all(everything)
                        let times = Set(chunks.map(\.times))
                        try require(times.count <= 1, "part of a batch")
                    }
                }
            }
            try await group.waitForAll()
        }
        let chunks = try await store.all(everything)
        try require(chunks.count == seriesCount, "\(chunks.count) series")
        try require(chunks.allSatisfy { $0.times.count == 80 }, "part of the batches at the end")
    }
}
