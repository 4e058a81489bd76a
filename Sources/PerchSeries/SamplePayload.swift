package import PerchBytes
package import PerchModel

/// Why a payload of the write log is no sample batch.
package enum SamplePayloadFailure: Error, Equatable, Sendable {
    /// The bytes do not follow the format.
    case damaged(ByteFailure)
    /// A format number of a newer version.
    case unknownFormat(UInt8)
}

/// A ``SampleBatch`` as bytes, with its series by ref; see docs/format/sample-batch.md.
package struct SamplePayload: Sendable, Equatable {
    /// The first byte of every payload.
    static let format: UInt8 = 1

    /// The series that this payload is the first of its file to name: ref and canonical bytes.
    package var definitions: [Definition] = []
    /// One a sample: the ref of its series.
    package var refs: [UInt32] = []
    /// One a sample.
    package var times: [Int64] = []
    /// One a sample.
    package var values: [Double] = []
    /// With the ref in `series`.
    package var histograms: [HistogramSample] = []
    /// With the ref in `series`.
    package var exemplars: [Exemplar] = []
    package var metadata: [MetricMetadata] = []

    /// What a ref stands for from here on in its file.
    package struct Definition: Sendable, Equatable {
        package var ref: UInt32
        package var labels: [UInt8]

        package init(ref: UInt32, labels: [UInt8]) {
            self.ref = ref
            self.labels = labels
        }
    }

    package init() {}
}

extension SamplePayload {
    /// Adds the bytes of a batch whose series have `refs`; `newSeries` are indexes of those that
    /// the file does not name yet.
    static func encode(
        _ batch: SampleBatch, refs: [UInt32], newSeries: [Int], metadata: [MetricMetadata],
        into bytes: inout [UInt8]
    ) {
        bytes.append(format)
        Varint.append(UInt64(newSeries.count), to: &bytes)
        for index in newSeries {
            Varint.append(UInt64(refs[index]), to: &bytes)
            ByteWriter.appendBlob(batch.seriesBytes[batch.seriesRange(at: index)], to: &bytes)
        }
        Varint.append(UInt64(batch.sampleCount), to: &bytes)
        var previousRef: Int64 = 0
        for index in batch.seriesIndexes {
            let ref = Int64(refs[Int(index)])
            Varint.appendZigzag(ref &- previousRef, to: &bytes)
            previousRef = ref
        }
        var previousTime: Int64 = 0
        for time in batch.times {
            Varint.appendZigzag(time &- previousTime, to: &bytes)
            previousTime = time
        }
        LittleEndian.append(contentsOf: batch.values, to: &bytes)
        Varint.append(UInt64(batch.histograms.count), to: &bytes)
        for sample in batch.histograms {
            Varint.append(UInt64(refs[Int(sample.series)]), to: &bytes)
            Varint.appendZigzag(sample.timeMillis, to: &bytes)
            encode(sample.histogram, into: &bytes)
        }
        Varint.append(UInt64(batch.exemplars.count), to: &bytes)
        for exemplar in batch.exemplars {
            Varint.append(UInt64(refs[Int(exemplar.series)]), to: &bytes)
            Varint.appendZigzag(exemplar.timeMillis, to: &bytes)
            LittleEndian.append(exemplar.value, to: &bytes)
            ByteWriter.appendBlob(exemplar.labels.bytes, to: &bytes)
        }
        Varint.append(UInt64(metadata.count), to: &bytes)
        for family in metadata {
            bytes.append(family.type.rawValue)
            ByteWriter.appendString(family.family, to: &bytes)
            ByteWriter.appendString(family.unit, to: &bytes)
            ByteWriter.appendString(family.help, to: &bytes)
        }
    }

    static func encode(_ histogram: NativeHistogram, into bytes: inout [UInt8]) {
        let isExact = histogram.hasExactCounts
        Varint.appendZigzag(Int64(histogram.schema), to: &bytes)
        bytes.append(
            histogram.resetHint.rawValue | (histogram.isInteger ? HistogramFlags.isInteger : 0)
                | (isExact ? HistogramFlags.hasExactCounts : 0))
        LittleEndian.append(histogram.zeroThreshold, to: &bytes)
        LittleEndian.append(histogram.sum, to: &bytes)
        append([histogram.zeroCount, histogram.count], isExact: isExact, to: &bytes)
        for (spans, counts) in [
            (histogram.positiveSpans, histogram.positiveCounts),
            (histogram.negativeSpans, histogram.negativeCounts),
        ] {
            Varint.append(UInt64(spans.count), to: &bytes)
            for span in spans {
                Varint.appendZigzag(Int64(span.offset), to: &bytes)
                Varint.append(UInt64(span.length), to: &bytes)
            }
            Varint.append(UInt64(counts.count), to: &bytes)
            append(counts, isExact: isExact, to: &bytes)
        }
        Varint.append(UInt64(histogram.customBounds.count), to: &bytes)
        LittleEndian.append(contentsOf: histogram.customBounds, to: &bytes)
    }

    private static func append(_ counts: [Double], isExact: Bool, to bytes: inout [UInt8]) {
        guard isExact else {
            LittleEndian.append(contentsOf: counts, to: &bytes)
            return
        }
        for count in counts { Varint.append(UInt64(count), to: &bytes) }
    }
}

/// The byte of flags of a histogram; its two lowest bits are the hint about resets.
enum HistogramFlags {
    static let hint: UInt8 = 3
    static let isInteger: UInt8 = 4
    /// Counts are written as varints.
    static let hasExactCounts: UInt8 = 8
    static let all: UInt8 = 15
}

extension NativeHistogram {
    /// Whether each count is an integer that a double holds exactly.
    fileprivate var hasExactCounts: Bool {
        func isExact(_ count: Double) -> Bool {
            count.sign == .plus && count <= 0x1p53 && count == count.rounded(.towardZero)
        }
        return isExact(count) && isExact(zeroCount) && positiveCounts.allSatisfy(isExact)
            && negativeCounts.allSatisfy(isExact)
    }
}
