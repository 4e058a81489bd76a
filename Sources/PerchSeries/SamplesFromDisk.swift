import PerchFiles
import PerchModel

/// The samples of a query out of files that are not in memory: slow, but right.
struct SamplesFromDisk {
    /// The series that the matchers let through, found in the files.
    private(set) var series = ByteTable(seed: 0)
    /// With numbers of `series` as refs, in the order of the log.
    private(set) var samples = OpenSamples()

    init(_ query: SampleQuery, _ files: [UInt64], _ log: WriteLog) throws(StoreFailure) {
        for file in files {
            // A file that retention removed since the snapshot gives nothing.
            do {
                var refs = FileRefs()
                _ = try log.replay(file: file) { payload in
                    guard !Task.isCancelled else { throw StoreFailure.cancelled }
                    // A payload that cannot be read was counted when the store was opened.
                    guard let payload = try? SamplePayload.decode(payload) else { return }
                    add(payload, &refs, query)
                }
            } catch let failure as StoreFailure {
                throw failure
            } catch {
                throw .failed("cannot read log file \(file) back: \(error)")
            }
        }
    }

    private mutating func add(
        _ payload: SamplePayload, _ refs: inout FileRefs, _ query: SampleQuery
    ) {
        var last: UInt32?
        for definition in payload.definitions {
            refs[definition.ref] = nil
            guard LabelBytes.match(definition.labels, query.matchers),
                let found = series.intern(
                    definition.labels.span, 0..<definition.labels.count, after: &last,
                    countMax: Int(UInt32.max) - 1)
            else { continue }
            refs[definition.ref] = found.number
        }
        for index in payload.refs.indices where query.times.contains(payload.times[index]) {
            guard let ref = refs[payload.refs[index]] else { continue }
            samples.add(ref, payload.times[index], payload.values[index])
        }
        for var sample in payload.histograms where query.times.contains(sample.timeMillis) {
            guard let ref = refs[sample.series] else { continue }
            sample.series = ref
            samples.add(sample)
        }
        for var exemplar in payload.exemplars where query.times.contains(exemplar.timeMillis) {
            guard let ref = refs[exemplar.series] else { continue }
            exemplar.series = ref
            samples.add(exemplar)
        }
    }
}
