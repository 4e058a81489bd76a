import PerchModel
import Testing

@testable import PerchIngest

@Suite struct AdmissionTests {
    private static let now: Int64 = 1_795_226_000_000_000_000
    private static let day: Int64 = 86_400_000_000_000
    private static let age = 30 * day

    @Test(
        arguments: [
            (now, "kept"), (now + 600_000_000_000, "kept"), (now + 600_000_000_001, "ahead"),
            (now - age, "kept"), (now - age - 1, "old"), (0, "old"), (.min, "old"), (.max, "ahead"),
        ] as [(Int64, String)])
    func events(_ time: Int64, _ expected: String) {
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(Resource([]))
        builder.beginRow(timeNanos: Self.now, resource: resource)
        builder.set(.record, RecordField.body, .string("first"))
        builder.beginRow(timeNanos: time, resource: resource)
        builder.set(.record, RecordField.body, .string("second"))
        var batch = builder.batch
        let refused = Admission(nowNanos: Self.now)
            .admit(&batch, EventAges(usualNanos: Self.age)).refused
        #expect(refused.tooFarAhead == (expected == "ahead" ? 1 : 0))
        #expect(refused.tooOld == (expected == "old" ? 1 : 0))
        #expect(batch.times == (expected == "kept" ? [Self.now, time] : [Self.now]))
        #expect(batch.value(of: FieldReference(RecordField.body), row: 0) == .string("first"))
    }

    /// RET-2: an error may be older than the rest, and a rule of its own may say less.
    @Test func agesByWhatEventsAre() {
        let level = FieldReference(RecordField.severityNumber, space: .record)
        let ages = EventAges(
            usualNanos: 30 * Self.day,
            rules: [
                EventAges.Rule(.equals(FieldReference("kind"), "audit"), nanos: 365 * Self.day),
                EventAges.Rule(.compares(level, .lessOrEqual, 8), nanos: 3 * Self.day),
                EventAges.Rule(.compares(level, .greaterOrEqual, 17), nanos: 90 * Self.day),
            ])
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(Resource([]))
        let rows: [(days: Int64, level: Int64, kind: String, isKept: Bool)] = [
            (29, 9, "", true), (31, 9, "", false), (89, 17, "", true), (91, 17, "", false),
            (2, 5, "", true), (4, 5, "", false), (300, 9, "audit", true), (300, 5, "audit", true),
            (366, 17, "audit", false), (31, 0, "", false), (-1, 17, "", false),
        ]
        for row in rows {
            builder.beginRow(timeNanos: Self.now - row.days * Self.day, resource: resource)
            if row.level > 0 { builder.set(.record, RecordField.severityNumber, int: row.level) }
            if !row.kind.isEmpty { builder.set(.attribute, "kind", .string(row.kind)) }
        }
        var batch = builder.batch
        let (refused, left) = Admission(nowNanos: Self.now).admit(&batch, ages)
        #expect(left == Set(rows.indices.filter { !rows[$0].isKept }))
        #expect(refused.tooFarAhead == 1)
        #expect(refused.tooOld == 5)
        let kept = rows.filter(\.isKept).map { Self.now - $0.days * Self.day }
        #expect(batch.times == kept)
    }

    /// Times in milliseconds: no factor may overflow.
    @Test(
        arguments: [
            (now / 1_000_000, "kept"), (now / 1_000_000 + 600_001, "ahead"),
            (now / 1_000_000 - 31 * 86_400_000, "old"), (.min, "old"), (.max, "ahead"), (0, "old"),
        ] as [(Int64, String)])
    func samples(_ millis: Int64, _ expected: String) {
        var batch = SampleBatch()
        let good = batch.addSeries(Labels([("__name__", "good")]))
        let other = batch.addSeries(Labels([("__name__", "other")]))
        batch.addSample(series: other, timeMillis: millis, value: 2)
        batch.addSample(series: good, timeMillis: Self.now / 1_000_000, value: 1)
        batch.histograms = [
            HistogramSample(series: other, timeMillis: millis, histogram: NativeHistogram())
        ]
        batch.exemplars = [
            Exemplar(series: other, timeMillis: millis, value: 1, labels: Labels([])),
            Exemplar(
                series: good, timeMillis: Self.now / 1_000_000, value: 1, labels: Labels([])),
        ]
        let refused = Admission(nowNanos: Self.now).admit(&batch, ageNanosMax: Self.age)
        let isKept = expected == "kept"
        #expect(refused.tooFarAhead == (expected == "ahead" ? 2 : 0))
        #expect(refused.tooOld == (expected == "old" ? 2 : 0))
        #expect(batch.values == (isKept ? [2, 1] : [1]))
        #expect(batch.histograms.count == (isKept ? 1 : 0))
        batch.dropUnusedSeries()
        #expect(batch.seriesCount == (isKept ? 2 : 1))
        #expect(batch.exemplars.count == (isKept ? 2 : 1))
        let last = Int(batch.seriesIndexes.last ?? 9)
        #expect(batch.labels(at: last).metricName == "good")
        #expect(batch.labels(at: Int(batch.exemplars.last?.series ?? 9)).metricName == "good")
    }

    @Test(
        arguments: [
            ([("a", "b")], true),
            ((0..<128).map { ("n\($0)", "v") }, true),
            ((0..<129).map { ("n\($0)", "v") }, false),
            ([(String(repeating: "n", count: 1_024), "v")], true),
            ([(String(repeating: "n", count: 1_025), "v")], false),
            ([("n", String(repeating: "v", count: 8_192))], true),
            ([("n", String(repeating: "v", count: 8_193))], false),
            ([], true),
        ] as [([(String, String)], Bool)])
    func labels(_ pairs: [(String, String)], _ isAccepted: Bool) {
        var batch = SampleBatch()
        let series = batch.addSeries(Labels(pairs.map { (name: $0.0, value: $0.1) }))
        batch.addSample(series: series, timeMillis: Self.now / 1_000_000, value: 1)
        let refused = Admission(nowNanos: Self.now).admit(&batch, ageNanosMax: Self.age)
        #expect(refused.overLabelLimit == (isAccepted ? 0 : 1))
        #expect(batch.sampleCount == (isAccepted ? 1 : 0))
    }

    @Test(
        arguments: [
            [0x05], [0x80], [0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0x01, 0x61], [0x01, 0x61, 0x05],
        ] as [[UInt8]])
    func bytesThatAreNoLabelsAreRefused(_ bytes: [UInt8]) {
        #expect(!SeriesLimits.accepts(bytes, bytes.indices))
    }
}
