import PerchModel

/// The buckets of an explicit histogram: packed or not, as protobuf's readers must take both.
struct ExplicitBuckets {
    private(set) var counts: [UInt64] = []
    private(set) var bounds: [Double] = []

    /// Checked at each, so that no body makes an array that is refused afterwards.
    private var isWithinLimit: Bool {
        counts.count <= Limits.maxBuckets && bounds.count <= Limits.maxBuckets
    }

    /// Nil when there are more buckets than the limit, or not one more than bounds, or when the
    /// bounds do not ascend.
    static func read(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> ExplicitBuckets? {
        var buckets = ExplicitBuckets()
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x32:
                var packed = ProtoCursor(try cursor.range(bytes))
                while packed.position < packed.end {
                    buckets.counts.append(try packed.fixed64(bytes))
                    guard buckets.isWithinLimit else { return nil }
                }
            case 0x31: buckets.counts.append(try cursor.fixed64(bytes))
            case 0x3a:
                var packed = ProtoCursor(try cursor.range(bytes))
                while packed.position < packed.end {
                    buckets.bounds.append(try packed.double(bytes))
                    guard buckets.isWithinLimit else { return nil }
                }
            case 0x39: buckets.bounds.append(try cursor.double(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
            guard buckets.isWithinLimit else { return nil }
        }
        let isEmpty = buckets.counts.isEmpty && buckets.bounds.isEmpty
        guard isEmpty || buckets.counts.count == buckets.bounds.count + 1,
            zip(buckets.bounds, buckets.bounds.dropFirst()).allSatisfy({ $0 < $1 }),
            buckets.bounds.first?.isNaN != true
        else { return nil }
        return buckets
    }
}

/// One side of an exponential histogram.
struct ExponentialBuckets {
    private(set) var offset: Int64 = 0
    private(set) var counts: [UInt64] = []

    private var isWithinLimit: Bool { counts.count <= Limits.maxBuckets }

    /// Nil when there are more buckets than the limit, or the offset is no 32-bit number.
    static func read(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> ExponentialBuckets? {
        var buckets = ExponentialBuckets()
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x08: buckets.offset = ZigZag.decode(try cursor.varint(bytes))
            case 0x12:
                var packed = ProtoCursor(try cursor.range(bytes))
                while packed.position < packed.end {
                    buckets.counts.append(try packed.varint(bytes))
                    guard buckets.isWithinLimit else { return nil }
                }
            case 0x10: buckets.counts.append(try cursor.varint(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
            guard buckets.isWithinLimit else { return nil }
        }
        guard Int32(exactly: buckets.offset) != nil else { return nil }
        return buckets
    }

    /// The buckets as Prometheus numbers them: by their upper bound, which is one more.
    var native: (spans: [NativeHistogram.Span], counts: [Double]) {
        let first = Int32(clamping: offset + 1)
        return (
            NativeHistogram.spans(firstIndex: first, count: counts.count), counts.map { Double($0) }
        )
    }

    /// Merges buckets so that each takes 2^`shift` of them: the schema falls by `shift`.
    mutating func downscale(by shift: Int64) {
        guard shift > 0, !counts.isEmpty else { return }
        let first = offset >> shift
        var merged: [UInt64] = []
        for (index, count) in counts.enumerated() {
            let target = Int((offset + Int64(index)) >> shift - first)
            while merged.count <= target { merged.append(0) }
            merged[target] = merged[target] &+ count
        }
        offset = first
        counts = merged
    }
}
