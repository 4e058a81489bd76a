import PerchBytes
import PerchModel

extension SamplePayload {
    /// Reads a payload back.
    ///
    /// Garbage throws, and never takes more than some twenty times the memory of its own bytes.
    package static func decode(
        _ payload: ArraySlice<UInt8>
    ) throws(SamplePayloadFailure) -> SamplePayload {
        var reader = ByteReader(payload)
        do {
            let format = try reader.read(UInt8.self)
            guard format == SamplePayload.format else {
                throw SamplePayloadFailure.unknownFormat(format)
            }
            var result = SamplePayload()
            for _ in 0..<(try reader.readCount(elementByteCountMin: 2)) {
                let ref = try reader.readRef()
                result.definitions.append(
                    Definition(ref: ref, labels: Array(try reader.readBlob())))
            }
            try readSamples(&reader, into: &result)
            for _ in 0..<(try reader.readCount(elementByteCountMin: 24)) {
                result.histograms.append(try readHistogramSample(&reader))
            }
            for _ in 0..<(try reader.readCount(elementByteCountMin: 11)) {
                let ref = try reader.readRef()
                let time = try reader.readZigzag()
                let value = try reader.read(Double.self)
                let labels = Labels(canonical: Array(try reader.readBlob()))
                result.exemplars.append(
                    Exemplar(series: ref, timeMillis: time, value: value, labels: labels))
            }
            for _ in 0..<(try reader.readCount(elementByteCountMin: 4)) {
                guard let type = MetricType(rawValue: try reader.read(UInt8.self)) else {
                    throw ByteFailure.invalid(atByte: reader.position - 1)
                }
                result.metadata.append(
                    MetricMetadata(
                        family: try reader.readString(), type: type, unit: try reader.readString(),
                        help: try reader.readString()))
            }
            guard reader.isAtEnd else { throw ByteFailure.invalid(atByte: reader.position) }
            return result
        } catch let failure as SamplePayloadFailure {
            throw failure
        } catch let failure as ByteFailure {
            throw .damaged(failure)
        } catch {
            throw .damaged(.invalid(atByte: reader.position))
        }
    }

    private static func readSamples(
        _ reader: inout ByteReader, into result: inout SamplePayload
    ) throws(ByteFailure) {
        let count = try reader.readCount(elementByteCountMin: 10)
        result.refs.reserveCapacity(count)
        result.times.reserveCapacity(count)
        var ref: Int64 = 0
        for _ in 0..<count {
            ref &+= try reader.readZigzag()
            guard let value = UInt32(exactly: ref) else {
                throw .invalid(atByte: reader.position)
            }
            result.refs.append(value)
        }
        var time: Int64 = 0
        for _ in 0..<count {
            time &+= try reader.readZigzag()
            result.times.append(time)
        }
        result.values = try reader.readArray(Double.self, count: count)
    }

    private static func readHistogramSample(
        _ reader: inout ByteReader
    ) throws(ByteFailure) -> HistogramSample {
        let ref = try reader.readRef()
        let time = try reader.readZigzag()
        return HistogramSample(
            series: ref, timeMillis: time, histogram: try readHistogram(&reader))
    }

    static func readHistogram(
        _ reader: inout ByteReader
    ) throws(ByteFailure) -> NativeHistogram {
        var histogram = NativeHistogram()
        histogram.schema = try reader.readInt32()
        let flags = try reader.read(UInt8.self)
        guard flags & ~HistogramFlags.all == 0,
            let hint = NativeHistogram.ResetHint(rawValue: flags & HistogramFlags.hint)
        else { throw .invalid(atByte: reader.position - 1) }
        histogram.resetHint = hint
        histogram.isInteger = flags & HistogramFlags.isInteger != 0
        let isExact = flags & HistogramFlags.hasExactCounts != 0
        histogram.zeroThreshold = try reader.read(Double.self)
        histogram.sum = try reader.read(Double.self)
        let totals = try readCounts(&reader, count: 2, isExact: isExact)
        (histogram.zeroCount, histogram.count) = (totals[0], totals[1])
        (histogram.positiveSpans, histogram.positiveCounts) = try readSide(
            &reader, isExact: isExact)
        (histogram.negativeSpans, histogram.negativeCounts) = try readSide(
            &reader, isExact: isExact)
        let boundCount = try reader.readCount(elementByteCountMin: 8)
        histogram.customBounds = try reader.readArray(Double.self, count: boundCount)
        return histogram
    }

    private static func readSide(
        _ reader: inout ByteReader, isExact: Bool
    ) throws(ByteFailure) -> (spans: [NativeHistogram.Span], counts: [Double]) {
        var spans: [NativeHistogram.Span] = []
        var length = 0
        for _ in 0..<(try reader.readCount(elementByteCountMin: 2)) {
            let offset = try reader.readInt32()
            let start = reader.position
            guard let spanLength = UInt32(exactly: try reader.readVarint()) else {
                throw .invalid(atByte: start)
            }
            spans.append(NativeHistogram.Span(offset: offset, length: spanLength))
            length += Int(spanLength)
        }
        let start = reader.position
        let count = try reader.readCount(elementByteCountMin: isExact ? 1 : 8)
        guard count == length else { throw .invalid(atByte: start) }
        return (spans, try readCounts(&reader, count: count, isExact: isExact))
    }

    private static func readCounts(
        _ reader: inout ByteReader, count: Int, isExact: Bool
    ) throws(ByteFailure) -> [Double] {
        guard isExact else { return try reader.readArray(Double.self, count: count) }
        var counts: [Double] = []
        for _ in 0..<count { counts.append(Double(try reader.readVarint())) }
        return counts
    }
}

extension ByteReader {
    fileprivate mutating func readRef() throws(ByteFailure) -> UInt32 {
        let start = position
        guard let ref = UInt32(exactly: try readVarint()) else { throw .invalid(atByte: start) }
        return ref
    }

    fileprivate mutating func readInt32() throws(ByteFailure) -> Int32 {
        let start = position
        guard let value = Int32(exactly: try readZigzag()) else { throw .invalid(atByte: start) }
        return value
    }
}
