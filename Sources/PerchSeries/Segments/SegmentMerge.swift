import PerchFiles
import PerchModel

/// Makes one segment of several that follow each other, without what was deleted.
struct SegmentMerge {
    /// One input and where it stands.
    private struct Input {
        var scan: SegmentScan
        /// Of each pair of the input its number in the output.
        var places: [UInt32]
        var series = 0
        /// The pairs of that series in the output's numbers: they order series.
        var pairs: [UInt32] = []

        var isAtEnd: Bool { series >= scan.index.seriesCount }

        mutating func load() {
            pairs = isAtEnd ? [] : scan.index.pairs(of: series).map { places[Int($0)] }
        }

        mutating func advance() {
            series += 1
            load()
        }
    }

    /// The header of the new segment, or nil when nothing is left.
    ///
    /// `segments` are oldest first: of two samples at one time, the older segment's stays.
    static func run(
        _ segments: [Segment], deletions: [Deletion], _ folder: SegmentFolder,
        metadata: [MetricMetadata], _ counters: SeriesCounters
    ) throws -> SegmentHeader? {
        guard let first = segments.first, let last = segments.last else { return nil }
        var header = SegmentHeader()
        header.sequence = folder.takeSequence()
        header.firstLog = first.header.firstLog
        header.lastLog = last.header.lastLog
        header.level = (segments.map(\.header.level).max() ?? 0) + (segments.count > 1 ? 1 : 0)
        header.baseTime = segments.map(\.header.minTime).min() ?? 0
        header.appliedDeletion = deletions.map(\.number).max() ?? 0
        var merge = try SegmentMerge(segments, deletions, counters)
        var writer = try SegmentWriter(
            files: folder.files, directory: folder.path, header: header, pairKeys: merge.pairKeys)
        do {
            while try merge.writeNext(&writer) { try counters.checkStop() }
            return try writer.finish(metadata: metadata)
        } catch {
            writer.abandon()
            throw error
        }
    }

    private let pairKeys: [[UInt8]]
    private var inputs: [Input] = []

    private init(
        _ segments: [Segment], _ deletions: [Deletion], _ counters: SeriesCounters
    ) throws {
        var keys: [[UInt8]] = []
        var scans: [SegmentScan] = []
        for segment in segments {
            let scan = try SegmentScan(
                segment, deletions: deletions, counters, isForMerge: true)
            keys += scan.index.pairKeys
            scans.append(scan)
        }
        let sorted = SortedPairs(keys)
        pairKeys = sorted.keys
        var start = 0
        for scan in scans {
            let end = start + scan.index.pairCount
            var input = Input(scan: scan, places: Array(sorted.places[start..<end]))
            input.load()
            inputs.append(input)
            start = end
        }
    }

    /// Writes the next series of all inputs; false when there is none.
    private mutating func writeNext(_ writer: inout SegmentWriter) throws -> Bool {
        var least: Int?
        for index in inputs.indices where !inputs[index].isAtEnd {
            guard let known = least else {
                least = index
                continue
            }
            if inputs[index].pairs.lexicographicallyPrecedes(inputs[known].pairs) { least = index }
        }
        guard let least else { return false }
        let pairs = inputs[least].pairs
        writer.beginSeries(pairs)
        var chunk = SeriesChunk(labels: Labels(canonical: []))
        for index in inputs.indices where !inputs[index].isAtEnd && inputs[index].pairs == pairs {
            try inputs[index].scan.gather(
                inputs[index].series, .min ... .max, into: &chunk)
            inputs[index].advance()
        }
        chunk.sortFirstWins()
        writer.addSamples(chunk.times, chunk.values)
        writer.addHistograms(chunk.histograms)
        writer.addExemplars(chunk.exemplars)
        try writer.endSeries()
        return true
    }
}
