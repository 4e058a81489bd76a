import Logging
import PerchFiles
import PerchModel

/// Fills the head at the start, from the newest files as far as the budget goes.
struct SeriesReplay: Sendable {
    private(set) var sampleCount = 0
    private(set) var skippedRecordCount = 0
    private(set) var damagedByteCount = 0

    mutating func run(
        _ log: WriteLog, into head: SeriesHead, byteCountMax: Int, _ logger: Logger
    ) throws {
        let files = log.files
        let firstInMemory = Self.firstInMemory(files, byteCountMax: byteCountMax)
        for (index, file) in files.enumerated() {
            if index < firstInMemory {
                // Without a summary, any time may be in it.
                let summary = file.summary
                head.addFileOnDisk(
                    sequence: file.sequence, sampleCount: summary?.rowCount ?? 0,
                    minTime: summary?.minTime ?? .min, maxTime: summary?.maxTime ?? .max)
            } else {
                try load(file, log, into: head, logger)
            }
        }
        _ = head.takeHasNewFile()
    }

    /// The index of the oldest file to load: what fits is guessed from the files' sizes; the head
    /// drops what was too much.
    private static func firstInMemory(_ files: [WriteLogFile], byteCountMax: Int) -> Int {
        var index = files.count
        var byteCount = 0
        while index > 0 {
            byteCount += files[index - 1].byteCount * Limits.memoryPerLogByte
            guard byteCount <= byteCountMax || index == files.count else { break }
            index -= 1
        }
        return index
    }

    private mutating func load(
        _ file: WriteLogFile, _ log: WriteLog, into head: SeriesHead, _ logger: Logger
    ) throws {
        var refs = FileRefs()
        var unreadableCount = 0
        let report = try log.replay(file: file.sequence) { payload in
            guard let payload = try? SamplePayload.decode(payload),
                load(payload, &refs, into: head, file: file.sequence)
            else {
                unreadableCount += 1
                return
            }
            sampleCount += payload.times.count
        }
        skippedRecordCount += report.skippedRecordCount + unreadableCount
        damagedByteCount += report.damagedByteCount
        if report.isDamaged || unreadableCount > 0 {
            logger.error(
                "a log file is damaged; its readable samples are kept",
                metadata: [
                    "file": "\(file.sequence)",
                    "unreadable": "\(unreadableCount + report.skippedRecordCount)",
                    "detail": "\(report.message ?? "")",
                ])
        }
    }

    /// False when samples had to be left out: their series' definition was lost, or is over the
    /// limit of series.
    private func load(
        _ payload: SamplePayload, _ refs: inout FileRefs, into head: SeriesHead, file: UInt64
    ) -> Bool {
        var definitions = SampleBatch()
        for definition in payload.definitions {
            _ = definitions.addSeries(Labels(canonical: definition.labels))
        }
        guard let numbers = head.resolve(definitions) else { return false }
        for (definition, number) in zip(payload.definitions, numbers) {
            refs[definition.ref] = number
        }
        let (batch, isWhole) = payload.batch(refs)
        head.add(batch, refs: nil, file: file)
        return isWhole
    }
}

extension SamplePayload {
    /// The samples of series that `refs` knows, and whether those are all.
    ///
    /// The series of the batch are the numbers in `refs` themselves: it has no label bytes.
    fileprivate func batch(_ refs: FileRefs) -> (SampleBatch, Bool) {
        var batch = SampleBatch()
        var isWhole = true
        for index in self.refs.indices {
            guard let number = refs[self.refs[index]] else {
                isWhole = false
                continue
            }
            batch.addSample(series: number, timeMillis: times[index], value: values[index])
        }
        for var sample in histograms {
            guard let number = refs[sample.series] else {
                isWhole = false
                continue
            }
            sample.series = number
            batch.histograms.append(sample)
        }
        for var exemplar in exemplars {
            guard let number = refs[exemplar.series] else {
                isWhole = false
                continue
            }
            exemplar.series = number
            batch.exemplars.append(exemplar)
        }
        batch.metadata = metadata
        return (batch, isWhole)
    }
}
