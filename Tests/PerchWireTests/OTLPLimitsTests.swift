import PerchModel
import PerchTestSupport
import Testing

@testable import PerchWire

/// What a small body could make large, and what it costs.
@Suite struct OTLPLimitsTests {
    /// A request with one metric whose data is in `field` of `Metric`.
    static func metrics(_ field: UInt32, _ points: [[UInt8]]) -> [UInt8] {
        var data = ProtoWriter()
        for point in points { data.bytes(field: 1, point) }
        if field != 5, field != 11 { data.varint(field: 2, 2) }
        var metric = ProtoWriter()
        metric.bytes(field: 1, Array("m".utf8))
        metric.bytes(field: field, data.bytes)
        var scope = ProtoWriter()
        scope.bytes(field: 2, metric.bytes)
        var resource = ProtoWriter()
        resource.bytes(field: 2, scope.bytes)
        var request = ProtoWriter()
        request.bytes(field: 1, resource.bytes)
        return request.bytes
    }

    static func attribute(_ name: String, _ value: String) -> [UInt8] {
        var any = ProtoWriter()
        any.bytes(field: 1, Array(value.utf8))
        var pair = ProtoWriter()
        pair.bytes(field: 1, Array(name.utf8))
        pair.bytes(field: 2, any.bytes)
        return pair.bytes
    }

    /// A point with `count` empty fields of `field`.
    static func repeated(_ field: UInt32, _ count: Int) -> [UInt8] {
        var point = ProtoWriter()
        for _ in 0..<count { point.bytes(field: field, []) }
        return point.bytes
    }

    /// A point with so many buckets of no bounds, or of one side of an exponential histogram.
    static func packed(_ count: Int, isExponential: Bool) -> [UInt8] {
        var buckets = ProtoWriter()
        buckets.bytes(
            field: isExponential ? 2 : 6,
            [UInt8](repeating: 0, count: isExponential ? count : count * 8))
        guard isExponential else { return buckets.bytes }
        var point = ProtoWriter()
        point.bytes(field: 8, buckets.bytes)
        return point.bytes
    }

    static let cases: [(UInt32, [UInt8])] = [
        // Exemplars of a sum, a histogram and an exponential one.
        (7, repeated(5, 1_001)), (9, repeated(8, 1_001)), (10, repeated(11, 1_001)),
        // Quantiles.
        (11, repeated(6, 1_001)),
        // Buckets.
        (9, packed(100_000, isExponential: false)), (10, packed(1_001, isExponential: true)),
    ]

    @Test("a point with too many parts is refused and counted", arguments: 0..<cases.count)
    func partsAreLimited(_ index: Int) throws {
        let (field, point) = Self.cases[index]
        var good = ProtoWriter()
        good.fixed64(field: 6, 1)
        let points = field == 7 ? [point, good.bytes] : [point, []]
        let result = try OTLPMetrics.decode(Self.metrics(field, points), receivedNanos: 1)
        #expect(result.pointCount == 2)
        #expect(result.rejectedCount == 1)
        #expect(result.batch.sampleCount + result.batch.histograms.count > 0)
        #expect(result.batch.exemplars.isEmpty)
    }

    @Test("histograms and exemplars of one body are limited by their memory", arguments: [0, 1])
    func memoryIsLimited(_ kind: Int) {
        let point =
            kind == 0
            ? Self.packed(1_000, isExponential: true) : Self.repeated(11, 1_000)
        let body = Self.metrics(10, Array(repeating: point, count: 20_000))
        let error = #expect(throws: WireFailure.self) {
            try OTLPMetrics.decode(body, receivedNanos: 1)
        }
        guard case .tooLarge? = error else {
            Issue.record("not refused for its size")
            return
        }
    }

    @Test("a point with too many labels is refused, since leaving some out would merge series")
    func labelsAreLimited() throws {
        var many = ProtoWriter()
        for index in 0..<200 { many.bytes(field: 7, Self.attribute("a\(index)", "v")) }
        many.fixed64(field: 6, 1)
        var long = ProtoWriter()
        long.bytes(field: 7, Self.attribute("a", String(repeating: "v", count: 300_000)))
        long.fixed64(field: 6, 1)
        var name = ProtoWriter()
        name.bytes(field: 7, Self.attribute(String(repeating: "n", count: 5_000), "v"))
        name.fixed64(field: 6, 1)
        var good = ProtoWriter()
        good.bytes(field: 7, Self.attribute("a", "v"))
        good.fixed64(field: 6, 1)
        let body = Self.metrics(7, [many.bytes, long.bytes, name.bytes, good.bytes])
        let result = try OTLPMetrics.decode(body, receivedNanos: 1)
        #expect(result.rejectedCount == 3)
        #expect(result.batch.sampleCount == 1)
    }

    @Test(
        "bounds that do not ascend are refused",
        arguments: [[1.0, 1], [2, 1], [.nan], [1, .nan]])
    func boundsAscend(_ bounds: [Double]) throws {
        var point = ProtoWriter()
        for _ in 0...bounds.count { point.fixed64(field: 6, 1) }
        for bound in bounds { point.fixed64(field: 7, bound.bitPattern) }
        let result = try OTLPMetrics.decode(Self.metrics(9, [point.bytes]), receivedNanos: 1)
        #expect(result.rejectedCount == 1)
        #expect(result.batch.sampleCount == 0)
    }

    @Test("an exemplar goes to the first bucket that its value fits")
    func exemplarBuckets() throws {
        let bounds = [-1.0, 0, 1, 2, 4, 8, 16]
        let values = bounds + bounds.map { $0 + 0.5 } + [-.infinity, .infinity, 100]
        var point = ProtoWriter()
        for _ in 0...bounds.count { point.fixed64(field: 6, 1) }
        for bound in bounds { point.fixed64(field: 7, bound.bitPattern) }
        for value in values {
            var exemplar = ProtoWriter()
            exemplar.fixed64(field: 3, value.bitPattern)
            point.bytes(field: 8, exemplar.bytes)
        }
        let result = try OTLPMetrics.decode(Self.metrics(9, [point.bytes]), receivedNanos: 1)
        for (exemplar, value) in zip(result.batch.exemplars, values) {
            let bound = bounds.first { value <= $0 }.map { FloatText.plain($0) } ?? "+Inf"
            #expect(result.batch.labels(at: Int(exemplar.series))["le"] == bound)
        }
        #expect(result.batch.exemplars.count == values.count)
    }

    /// Names and order are kept from point to point; whatever the points before were, the labels
    /// are what a plain dictionary makes of them.
    @Test("labels are as the plain form has them", arguments: 0..<40)
    func labelsEqualPlainForm(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let pool = [
            "a.b", "a_b", "b", "Zone", "é", "1x", "_x", "le", "__name__", "job", "service.name",
            "a.very.long.name.that.shares.its.begin", "a.very.long.name.that.shares.its.End",
            String(repeating: "n", count: 200),
        ]
        var labels = SeriesLabels()
        for _ in 0..<5 {
            let resource = Bool.random(using: &random) ? [("job", "r")] : [("a", "r"), ("job", "")]
            labels.beginResource(resource.map { (name: $0.0, value: $0.1) })
            var usual: [String] = []
            for point in 0..<12 {
                if point % 4 == 0 {
                    usual = Array(pool.shuffled(using: &random).prefix(Int(random.next() % 9)))
                }
                var pairs: [(String, String)] = []
                labels.begin()
                for name in usual {
                    let value = ["", "v", "\(random.next())"].randomElement(using: &random) ?? ""
                    pairs.append((name, value))
                    let bytes = Array(value.utf8)
                    try labels.take(
                        bytes.span, name: Array(name.utf8).span, value: .string(bytes.indices))
                }
                labels.finish()
                for extra in [nil, "le", "quantile"] {
                    var key: [UInt8] = []
                    labels.encode(
                        name: Array("metric".utf8),
                        extra: extra.map { (Array($0.utf8), Array("x".utf8)) }, into: &key)
                    #expect(key == Self.plain(resource, pairs, extra).bytes)
                }
            }
        }
    }

    private static func plain(
        _ resource: [(String, String)], _ pairs: [(String, String)], _ extra: String?
    ) -> Labels {
        var values: [String: String] = [:]
        for (name, value) in pairs where !value.isEmpty {
            var label: [UInt8] = []
            MetricName.appendLabel(Array(name.utf8).span, to: &label)
            let key = String(decoding: label, as: UTF8.self)
            values[key] = values[key].map { $0 + ";" + value } ?? value
        }
        for (name, value) in resource where !value.isEmpty { values[name] = value }
        values["__name__"] = "metric"
        if let extra { values[extra] = "x" }
        return Labels(values.map { (name: $0.key, value: $0.value) })
    }

    /// A map whose entries repeat a long path, or have no value, costs its bytes and not more.
    @Test("flattening stops at the limit of attributes")
    func flatteningStops() throws {
        var entries = ProtoWriter()
        for _ in 0..<200_000 { entries.bytes(field: 1, []) }
        var any = ProtoWriter()
        any.bytes(field: 6, entries.bytes)
        var pair = ProtoWriter()
        pair.bytes(field: 1, [UInt8](repeating: 0x61, count: 4_000))
        pair.bytes(field: 2, any.bytes)
        var record = ProtoWriter()
        record.bytes(field: 6, pair.bytes)
        var scope = ProtoWriter()
        scope.bytes(field: 2, record.bytes)
        var resource = ProtoWriter()
        resource.bytes(field: 2, scope.bytes)
        var request = ProtoWriter()
        request.bytes(field: 1, resource.bytes)
        let batch = try OTLPLogs.decode(request.bytes, receivedNanos: 1).batch
        let dropped = batch.value(of: FieldReference("dropped_attributes_count"), row: 0)
        #expect(dropped == .int(199_000))
    }

    @Test("names of fields are limited by their bytes, not only their number")
    func columnNamesAreLimited() {
        var request = ProtoWriter()
        for row in 0..<10 {
            var entries = ProtoWriter()
            for index in 0..<1_000 {
                entries.bytes(field: 1, Self.attribute("\(row).\(index)", ""))
            }
            var any = ProtoWriter()
            any.bytes(field: 6, entries.bytes)
            var pair = ProtoWriter()
            pair.bytes(field: 1, [UInt8](repeating: 0x61, count: 4_000))
            pair.bytes(field: 2, any.bytes)
            var record = ProtoWriter()
            record.bytes(field: 6, pair.bytes)
            var scope = ProtoWriter()
            scope.bytes(field: 2, record.bytes)
            var resource = ProtoWriter()
            resource.bytes(field: 2, scope.bytes)
            request.bytes(field: 1, resource.bytes)
        }
        let error = #expect(throws: WireFailure.self) {
            try OTLPLogs.decode(request.bytes, receivedNanos: 1)
        }
        guard case .tooLarge? = error else {
            Issue.record("not refused for its size")
            return
        }
    }
}
