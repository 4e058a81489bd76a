import PerchBytes
import PerchCodec
import PerchFiles
import PerchModel

/// Writes a segment, series by series in the order of their label bytes.
struct SegmentWriter {
    private let files: any FileStore
    private let path: FilePath
    private let file: any WritableFile
    private var header: SegmentHeader
    private let pairKeys: [[UInt8]]
    private var scratch = ChunkScratch()

    /// Chunks that were not written yet, and where in the file they begin.
    private var buffer: [UInt8] = []
    private var bufferOffset = SegmentHeader.byteCount

    private var seriesLabels = SegmentIndex.Runs()
    private var seriesChunks = SegmentIndex.Runs()
    /// The pairs of all series, and where those of each end: postings are made of them.
    private var pairNumbers: [UInt32] = []
    private var pairEnds: [UInt32] = []

    private var pending: [UInt32] = []
    private var entries: [ChunkEntry] = []

    /// Begins a file under its temporary name.
    ///
    /// `pairKeys` ascend; series name pairs by their index in it. The header says what is known
    /// before: sequence, the log's files, level, base time.
    init(
        files: any FileStore, directory: FilePath, header: SegmentHeader, pairKeys: [[UInt8]]
    ) throws(FileFailure) {
        self.files = files
        self.header = header
        self.pairKeys = pairKeys
        path = directory.child(SegmentNames.name(header.sequence))
        file = try files.openForWriting(
            FilePath.from(path.text + FileNames.temporarySuffix), .existingOrNew)
        try file.truncate(to: 0)
        self.header.minTime = .max
        self.header.maxTime = .min
        self.header.sampleCount = 0
        self.header.seriesCount = 0
    }

    /// Begins a series; one that gets no chunk is left out.
    mutating func beginSeries(_ pairs: [UInt32]) {
        pending = pairs
        entries.removeAll(keepingCapacity: true)
    }

    /// Adds samples of the series that was begun, ascending in time and behind all before.
    mutating func addSamples(_ times: [Int64], _ values: [Double]) {
        var start = 0
        while start < times.count {
            // Two halves rather than a full chunk and a rest of a few.
            let left = times.count - start
            let count =
                left <= Limits.chunkCountMax
                ? left : left < 2 * Limits.chunkCountMax ? left / 2 : Limits.chunkCountMax
            let place = bufferOffset + buffer.count
            if count == times.count {
                SegmentChunk.append(times: times, values: values, &scratch, to: &buffer)
            } else {
                SegmentChunk.append(
                    times: Array(times[start..<start + count]),
                    values: Array(values[start..<start + count]), &scratch, to: &buffer)
            }
            add(.samples, count, times[start], times[start + count - 1], place)
            start += count
        }
    }

    /// Adds histograms of the series that was begun, ascending in time.
    mutating func addHistograms(_ samples: [HistogramSample]) {
        for start in stride(from: 0, to: samples.count, by: Limits.objectChunkCountMax) {
            let part = Array(
                samples[start..<min(start + Limits.objectChunkCountMax, samples.count)])
            let place = bufferOffset + buffer.count
            SegmentChunk.append(histograms: part, to: &buffer)
            add(
                .histograms, part.count, part[0].timeMillis, part[part.count - 1].timeMillis,
                place)
        }
    }

    /// Adds exemplars of the series that was begun, ascending in time.
    mutating func addExemplars(_ exemplars: [Exemplar]) {
        guard let first = exemplars.first, let last = exemplars.last else { return }
        let place = bufferOffset + buffer.count
        SegmentChunk.append(exemplars: exemplars, to: &buffer)
        add(.exemplars, exemplars.count, first.timeMillis, last.timeMillis, place)
    }

    /// Adds a chunk as it stands in another segment, with its checksum.
    mutating func addChunk(_ entry: ChunkEntry, _ bytes: ArraySlice<UInt8>) {
        let place = bufferOffset + buffer.count
        buffer.append(contentsOf: bytes)
        add(entry.kind, entry.count, entry.minTime, entry.maxTime, place)
    }

    private mutating func add(
        _ kind: ChunkEntry.Kind, _ count: Int, _ minTime: Int64, _ maxTime: Int64, _ place: Int
    ) {
        entries.append(
            ChunkEntry(
                kind: kind, count: count, minTime: minTime, maxTime: maxTime,
                offset: place - SegmentHeader.byteCount,
                byteCount: bufferOffset + buffer.count - place))
        if kind != .exemplars { header.sampleCount += count }
        header.minTime = min(header.minTime, minTime)
        header.maxTime = max(header.maxTime, maxTime)
    }

    mutating func endSeries() throws(FileFailure) {
        guard let first = entries.first else { return }
        var before: Int64 = 0
        for pair in pending {
            Varint.appendZigzag(Int64(pair) - before, to: &seriesLabels.bytes)
            before = Int64(pair)
        }
        seriesLabels.ends.append(UInt32(clamping: seriesLabels.bytes.count))
        pairNumbers.append(contentsOf: pending)
        pairEnds.append(UInt32(clamping: pairNumbers.count))
        Varint.append(UInt64(first.offset), to: &seriesChunks.bytes)
        for entry in entries {
            Varint.append(
                UInt64(entry.count) << 2 | UInt64(entry.kind.rawValue), to: &seriesChunks.bytes)
            Varint.appendZigzag(entry.minTime &- header.baseTime, to: &seriesChunks.bytes)
            Varint.append(
                UInt64(bitPattern: entry.maxTime &- entry.minTime), to: &seriesChunks.bytes)
            Varint.append(UInt64(entry.byteCount), to: &seriesChunks.bytes)
        }
        seriesChunks.ends.append(UInt32(clamping: seriesChunks.bytes.count))
        header.seriesCount += 1
        if buffer.count >= Limits.segmentBufferByteCount { try writeBuffer() }
    }

    private mutating func writeBuffer() throws(FileFailure) {
        try file.write(buffer.span, at: bufferOffset)
        bufferOffset += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes the tables and the header, and gives the file its name; durable on return.
    mutating func finish(metadata: [MetricMetadata]) throws(FileFailure) -> SegmentHeader {
        if header.sampleCount == 0, entries.isEmpty, header.seriesCount == 0 {
            (header.minTime, header.maxTime) = (header.baseTime, header.baseTime)
        }
        header.chunks = SegmentHeader.Section(
            offset: SegmentHeader.byteCount,
            byteCount: bufferOffset + buffer.count - SegmentHeader.byteCount)
        header.chunks.plainByteCount = 0
        header.index = try appendSection(plainIndex())
        header.metadata = try appendSection(SegmentMetadata.encode(metadata))
        // The last chunk can be read by whole words.
        buffer.append(contentsOf: repeatElement(0, count: 8))
        try writeBuffer()
        try file.write(header.encoded().span, at: 0)
        try file.sync()
        file.close()
        try files.rename(FilePath.from(path.text + FileNames.temporarySuffix), to: path)
        try files.syncDirectory(path.folder)
        return header
    }

    /// Gives the file up.
    func abandon() {
        file.close()
        try? files.remove(FilePath.from(path.text + FileNames.temporarySuffix))
    }

    private mutating func appendSection(
        _ plain: [UInt8]
    ) throws(FileFailure) -> SegmentHeader.Section {
        guard let packed = Compressor.compress(plain, encoding: .zstd),
            plain.count <= Limits.segmentIndexByteCountMax
        else {
            throw FileFailure(
                code: .other, message: "the index of \(path) has \(plain.count) bytes")
        }
        let section = SegmentHeader.Section(
            offset: bufferOffset + buffer.count, byteCount: packed.count,
            plainByteCount: plain.count, checksum: CRC32C.checksum(packed))
        buffer.append(contentsOf: packed)
        return section
    }

    func plainIndex() -> [UInt8] {
        var bytes: [UInt8] = []
        var keys = SegmentIndex.Runs()
        for key in pairKeys {
            keys.bytes.append(contentsOf: key)
            keys.ends.append(UInt32(clamping: keys.bytes.count))
        }
        for runs in [keys, postings(), seriesLabels, seriesChunks] {
            Varint.append(UInt64(runs.ends.count), to: &bytes)
            var before: UInt32 = 0
            for end in runs.ends {
                Varint.append(UInt64(end &- before), to: &bytes)
                before = end
            }
            bytes.append(contentsOf: runs.bytes)
        }
        return bytes
    }

    /// The series of each pair, by a counting sort of the pairs of each series.
    private func postings() -> SegmentIndex.Runs {
        var starts = Array(repeating: UInt32(0), count: pairKeys.count + 1)
        for pair in pairNumbers { starts[Int(pair) + 1] += 1 }
        for index in 1..<starts.count { starts[index] += starts[index - 1] }
        var places = starts
        var members = Array(repeating: UInt32(0), count: pairNumbers.count)
        var start = 0
        for (series, end) in pairEnds.enumerated() {
            for index in start..<Int(end) {
                let pair = Int(pairNumbers[index])
                members[Int(places[pair])] = UInt32(series)
                places[pair] += 1
            }
            start = Int(end)
        }
        var runs = SegmentIndex.Runs()
        for pair in pairKeys.indices {
            var before: UInt32 = 0
            for index in Int(starts[pair])..<Int(starts[pair + 1]) {
                Varint.append(UInt64(members[index] - before), to: &runs.bytes)
                before = members[index]
            }
            runs.ends.append(UInt32(clamping: runs.bytes.count))
        }
        return runs
    }
}
