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

    private static func encode(_ histogram: NativeHistogram, into bytes: inout [UInt8]) {
        Varint.appendZigzag(Int64(histogram.schema), to: &bytes)
        LittleEndian.append(histogram.zeroThreshold, to: &bytes)
        Varint.append(histogram.zeroCount, to: &bytes)
        Varint.append(histogram.count, to: &bytes)
        LittleEndian.append(histogram.sum, to: &bytes)
        Varint.appendZigzag(Int64(histogram.positiveOffset), to: &bytes)
        Varint.append(UInt64(histogram.positiveCounts.count), to: &bytes)
        for count in histogram.positiveCounts { Varint.append(count, to: &bytes) }
        Varint.appendZigzag(Int64(histogram.negativeOffset), to: &bytes)
        Varint.append(UInt64(histogram.negativeCounts.count), to: &bytes)
        for count in histogram.negativeCounts { Varint.append(count, to: &bytes) }
    }
}
