import PerchFiles
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchSeries

@Suite("Segments, deletions, limits of the disk, labels")
struct SeriesSegmentTests {
    private static let everything = SampleQuery(matchers: [], times: 0...(1 << 50))

    private static func batch(_ names: [String], _ time: Int64, instance: String = "a")
        -> SampleBatch
    {
        var batch = SampleBatch()
        for name in names {
            let series = batch.addSeries(
                Labels([("__name__", name), ("instance", instance)]))
            batch.addSample(series: series, timeMillis: time, value: Double(time))
        }
        return batch
    }

    @Test("what is deleted is invisible at once, gone after a merge, and may be written again")
    func deletion() async throws {
        let store = try await TestStores.samples()
        for time in Int64(1)...8 {
            try await store.append(Self.batch(["a", "b"], time * 1000))
            if time % 4 == 0 { try await store.flush() }
        }
        try await store.delete(
            [[LabelMatcher("__name__", .matches, "a|c")]], times: 2000...5000)
        var chunks = try await store.all(Self.everything)
        #expect(chunks.map(\.times.count) == [4, 8])
        #expect(chunks[0].times == [1000, 6000, 7000, 8000])
        #expect(store.stats.sampleCount == 16)
        #expect(store.stats.deletionCount == 1)
        try await store.append(Self.batch(["a"], 3000))
        try await store.compact()
        chunks = try await store.all(Self.everything)
        #expect(chunks[0].times == [1000, 3000, 6000, 7000, 8000])
        #expect(store.stats.sampleCount == 13)
        #expect(store.stats.deletionCount == 0)
        #expect(store.stats.segmentCount == 1)
        await store.close()
    }

    @Test("a deletion with matchers that are not valid changes nothing")
    func badDeletion() async throws {
        let store = try await TestStores.samples()
        try await store.append(Self.batch(["a"], 1000))
        await #expect(throws: StoreFailure.self) {
            try await store.delete([[LabelMatcher("a", .matches, "(")]], times: 0...9000)
        }
        #expect(try await store.all(Self.everything).count == 1)
        await store.close()
    }

    /// CAR-3: the labels that make many series are named.
    @Test("names and values of labels come from indexes, over head and segments")
    func labels() async throws {
        let store = try await TestStores.samples()
        try await store.append(Self.batch(["a", "b"], 1000, instance: "x"))
        try await store.flush()
        try await store.append(Self.batch(["b", "c"], 2000, instance: "y"))
        let all = 0...Int64(9000)
        #expect(
            try await store.labelNames([], times: all, limit: nil) == ["__name__", "instance"])
        #expect(
            try await store.labelValues("__name__", [], times: all, limit: nil)
                == ["a", "b", "c"])
        #expect(try await store.labelValues("__name__", [], times: all, limit: 2) == ["a", "b"])
        #expect(
            try await store.labelValues("__name__", [], times: 0...1500, limit: nil)
                == ["a", "b"])
        let matcher = LabelMatcher("__name__", .equal, "b")
        #expect(
            try await store.labelValues("instance", [matcher], times: all, limit: nil)
                == ["x", "y"])
        #expect(
            try await store.labelNames(
                [LabelMatcher("__name__", .equal, "z")], times: all, limit: nil) == [])
        let cardinality = await store.cardinality(limit: 1)
        #expect(cardinality.seriesCount == 4)
        #expect(cardinality.seriesByMetric == [.init(name: "b", count: 2)])
        #expect(cardinality.valuesByLabel == [.init(name: "__name__", count: 3)])
        await store.close()
    }

    @Test(
        "values of a label that has many are those of the series that match", arguments: [40, 200])
    func manyValues(count: Int) async throws {
        let store = try await TestStores.samples()
        for part in 0..<2 {
            for index in 0..<count {
                try await store.append(
                    Self.batch([index % 3 == 0 ? "a" : "b"], 1000, instance: "i\(part)-\(index)"))
            }
            if part == 0 { try await store.flush() }
        }
        let matcher = LabelMatcher("__name__", .equal, "a")
        let values = try await store.labelValues(
            "instance", [matcher], times: 0...9000, limit: nil)
        let expected = (0..<2).flatMap { part in
            stride(from: 0, to: count, by: 3).map { "i\(part)-\($0)" }
        }
        #expect(values == expected.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        await store.close()
    }

    @Test("over the disk limit the oldest segments go, and are counted")
    func diskLimit() async throws {
        let store = try await TestStores.samples { $0.diskByteCountMax = 6_000 }
        for time in Int64(1)...60 {
            try await store.append(Self.batch(["a", "b"], time * 1000))
            if time % 3 == 0 {
                try await store.flush()
                await store.maintain()
            }
        }
        let stats = store.stats
        #expect(stats.removedFileCount > 0)
        #expect(stats.byteCountOnDisk <= 6_000)
        #expect(stats.removedSampleCount + stats.sampleCount == 120)
        let chunks = try await store.all(Self.everything)
        #expect(chunks[0].times.last == 60_000)
        #expect(chunks[0].times.count < 60)
        await store.close()
    }

    @Test("a stop does not wait for a merge, and leaves nothing half done")
    func stopDuringMerge() async throws {
        let files = InMemoryFiles()
        let store = try await TestStores.samples(files)
        for time in Int64(1)...4 {
            try await store.append(
                Self.batch((0..<400).map { "m\($0)" }, time * 1000))
            try await store.flush()
        }
        let merge = Task { try await store.compact() }
        while store.stats.mergeCount == 0,
            try !files.list(TestStores.directory.child("segments"))
                .contains(where: { $0.hasSuffix(".new") })
        {
            await Task.yield()
        }
        await store.close()
        _ = await merge.result
        let left = try files.list(TestStores.directory.child("segments"))
        #expect(!left.contains { $0.hasSuffix(".new") })
        let again = try await TestStores.samples(files)
        #expect(try await again.all(Self.everything).map(\.times.count).allSatisfy { $0 == 4 })
        #expect(try await again.all(Self.everything).count == 400)
        await again.close()
    }

    @Test("descriptions outlive the write log, and segments with nothing else are merged")
    func descriptions() async throws {
        let files = InMemoryFiles()
        let store = try await TestStores.samples(files)
        for round in 1...4 {
            var batch = SampleBatch()
            if round == 1 { batch = Self.batch(["a"], 1_700_000_000_000) }
            batch.metadata = [
                MetricMetadata(family: "a", type: .counter, unit: "", help: "round \(round)")
            ]
            try await store.append(batch)
            try await store.flush()
        }
        await store.maintain()
        #expect(store.stats.segmentCount == 1)
        await store.close()
        let again = try await TestStores.samples(files)
        #expect(try await again.metadata().map(\.help) == ["round 4"])
        await again.close()
    }

    @Test("histograms are kept bit by bit, a repeated mark of the end is no conflict")
    func histograms() async throws {
        let store = try await TestStores.samples()
        var batch = SampleBatch()
        let series = batch.addSeries(Labels([("__name__", "h")]))
        for index in 0..<300 {
            var histogram = NativeHistogram()
            histogram.count = Double(index)
            histogram.sum = 0.1 * Double(index)
            histogram.positiveSpans = [NativeHistogram.Span(offset: -2, length: 2)]
            histogram.positiveCounts = [Double(index), 0.5]
            batch.histograms.append(
                HistogramSample(series: series, timeMillis: Int64(index) * 10, histogram: histogram)
            )
        }
        var end = NativeHistogram()
        end.sum = Double(bitPattern: SampleBatch.staleMarkerBits)
        batch.histograms.append(
            HistogramSample(series: series, timeMillis: 5000, histogram: end))
        for _ in 0..<2 {
            #expect(try await store.write(batch, isBackfill: false).count == 0)
        }
        for _ in 0..<2 {
            let chunk = try #require(try await store.all(Self.everything).first)
            #expect(chunk.histograms.dropLast() == batch.histograms.dropLast())
            #expect(chunk.histograms.last?.histogram.isStaleMarker == true)
            let part = try await store.all(SampleQuery(matchers: [], times: 15...39))
            #expect(part.first?.histograms.map(\.timeMillis) == [20, 30])
            try await store.compact()
        }
        await store.close()
    }

    @Test("a full disk refuses writes, not reads, and is forgotten when there is room")
    func fullDisk() async throws {
        let disk = InMemoryFiles()
        let files = FaultyFiles(disk)
        let store = try await TestStores.samples(files) { $0.headSampleCountMax = 10 }
        for time in Int64(1)...9 { try await store.append(Self.batch(["a", "b"], time * 1000)) }
        files.setDecision { _, operation in
            [.write, .preallocate, .truncate].contains(operation) ? .fail(.noSpace) : nil
        }
        await #expect(throws: StoreFailure.self) { try await store.flush() }
        await store.maintain()
        do {
            try await store.append(Self.batch(["a"], 20_000))
            Issue.record("an append on a full disk")
        } catch {
            guard case .noSpace = error else {
                Issue.record("\(error)")
                return
            }
        }
        #expect(store.stats.failedFlushCount > 0)
        #expect(try await store.all(Self.everything).map(\.times.count) == [9, 9])
        files.setDecision { _, _ in nil }
        try await store.append(Self.batch(["a"], 30_000))
        try await store.compact()
        #expect(try await store.all(Self.everything).map(\.times.count) == [10, 9])
        #expect(store.stats.segmentCount == 1)
        await store.close()
        let again = try await TestStores.samples(disk)
        #expect(try await again.all(Self.everything).map(\.times.count) == [10, 9])
        await again.close()
    }

    @Test("a lost list of the log's files does not hide what comes after")
    func lostManifest() async throws {
        let files = InMemoryFiles()
        let store = try await TestStores.samples(files)
        for time in Int64(1)...3 {
            try await store.append(Self.batch(["a"], time * 1000))
            try await store.flush()
        }
        await store.close()
        try files.remove(TestStores.directory.child("MANIFEST"))
        for time in Int64(4)...5 {
            let store = try await TestStores.samples(files)
            try await store.append(Self.batch(["a"], time * 1000))
            await store.close()
        }
        let again = try await TestStores.samples(files)
        #expect(try await again.all(Self.everything).map(\.times.count) == [5])
        await again.close()
    }

    @Test("a damaged segment is set aside, and the rest is served")
    func damagedSegment() async throws {
        let files = InMemoryFiles()
        let store = try await TestStores.samples(files)
        for time in Int64(1)...2 {
            try await store.append(Self.batch(["a"], time * 1000))
            try await store.flush()
        }
        await store.close()
        let folder = TestStores.directory.child("segments")
        files.damage(folder.child("0000000000000001.seg")) { $0[70] ^= 1 }
        let again = try await TestStores.samples(files)
        #expect(again.stats.damagedSegmentCount == 1)
        #expect(try await again.all(Self.everything).map(\.times) == [[2000]])
        #expect(try files.list(folder).contains("0000000000000001.seg.damaged"))
        await again.close()
    }

    @Test("a damaged chunk is left out and counted")
    func damagedChunk() async throws {
        let files = InMemoryFiles()
        let store = try await TestStores.samples(files)
        try await store.append(Self.batch(["a", "b"], 1000))
        try await store.flush()
        await store.close()
        let path = TestStores.directory.child("segments").child("0000000000000001.seg")
        files.damage(path) { $0[SegmentHeader.byteCount + 2] ^= 1 }
        let again = try await TestStores.samples(files)
        #expect(try await again.all(Self.everything).map(\.labels.metricName) == ["b"])
        #expect(again.stats.damagedChunkCount == 1)
        await again.close()
    }

    @Test("segments of one level are merged by fours, within the limits of time and size")
    func plan() {
        func part(_ level: UInt32, _ time: Int64, bytes: Int = 10) -> MergePlan.Part {
            MergePlan.Part(
                level: level, minTime: time, maxTime: time + 10, byteCount: bytes,
                isTouched: false)
        }
        let plan = MergePlan(spanMax: 100, byteCountMax: 100)
        #expect(plan.next([part(0, 0), part(0, 10), part(0, 20)]) == nil)
        #expect(plan.next([part(1, 0)] + (1..<5).map { part(0, $0 * 10) }) == 1..<5)
        #expect(plan.next((0..<4).map { part(0, $0 * 40) }) == nil)
        #expect(plan.next((0..<4).map { part(0, $0, bytes: 30) }) == nil)
        #expect(plan.next((0..<5).map { part(0, $0 * ($0 == 0 ? 1 : 20) + 50) }) != nil)
        let wide = MergePlan.Part(
            level: 0, minTime: 0, maxTime: 5_000, byteCount: 10, isTouched: false)
        #expect(plan.next([wide, wide, wide, wide]) == 0..<4)
        #expect(plan.next([wide, wide, wide, part(0, 9_000)]) == nil)
        var touched = part(2, 0)
        touched.isTouched = true
        #expect(plan.next([part(0, 0), touched]) == 1..<2)
        #expect(plan.nextFull([part(2, 0), part(0, 10), part(1, 20)]) == 0..<3)
        #expect(plan.nextFull([part(2, 0), part(0, 200)]) == nil)
    }

    @Test("the example of the format page is what a segment says")
    func header() throws {
        var header = SegmentHeader()
        header.sequence = 42
        header.firstLog = 3
        header.lastLog = 5
        header.level = 1
        header.minTime = -1
        header.index = SegmentHeader.Section(
            offset: 256, byteCount: 10, plainByteCount: 20, checksum: 7)
        let bytes = header.encoded()
        #expect(bytes.count == 256)
        #expect(Array(bytes[..<8]) == Array("PERCHSEG".utf8))
        #expect(bytes[16] == 42)
        #expect(try SegmentHeader(bytes, fileByteCount: 300) == header)
        #expect(throws: SegmentHeader.Failure.self) {
            try SegmentHeader(bytes, fileByteCount: 260)
        }
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 8
            #expect(throws: (any Error).self) { try SegmentHeader(damaged, fileByteCount: 300) }
        }
    }

    @Test("a damaged index throws or answers, and never traps")
    func damagedIndex() throws {
        var keys: [[UInt8]] = []
        for value in ["a", "b"] {
            keys.append(Labels([("__name__", value)]).bytes)
        }
        let files = InMemoryFiles()
        try files.createDirectory(TestStores.directory)
        var header = SegmentHeader()
        header.sequence = 1
        var writer = try SegmentWriter(
            files: files, directory: TestStores.directory, header: header, pairKeys: keys)
        for pair in UInt32(0)..<2 {
            writer.beginSeries([pair])
            writer.addSamples([1000, 2000, 3500], [1, 2, 3])
            try writer.endSeries()
        }
        let plain = writer.plainIndex()
        let index = try SegmentIndex(plain, baseTime: 0, seed: 1)
        #expect(index.labels(of: 1).metricName == "b")
        #expect(index.pair(name: Array("__name__".utf8), value: Array("b".utf8)) == 1)
        DecoderVerifier.verify(plain) { bytes in
            let index = try SegmentIndex(bytes, baseTime: 0, seed: 1)
            let plan = try MatcherPlan([LabelMatcher("__name__", .matches, "a.*")])
            _ = plan.series(of: index)
            for series in 0..<index.seriesCount {
                var entries: [ChunkEntry] = []
                _ = index.labels(of: series)
                try index.chunks(of: series, into: &entries)
            }
        }
    }
}
