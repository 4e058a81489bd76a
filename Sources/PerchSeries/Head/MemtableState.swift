import PerchModel

/// The state of a ``Memtable``.
struct MemtableState: Sendable {
    /// The newest sample of a series and where it stands.
    struct Newest: Sendable {
        var time = Int64.min
        var bits: UInt64 = 0
        /// The open slot's number + 1, or 0.
        var slot: UInt32 = 0
        /// Whether a sample came after a newer one, so that slots are not in the order of time.
        var isUnordered = false
        /// Whether it was deleted: another may take its place.
        var isDeleted = false
    }

    /// Exemplars of a series: the newest, and how many came before those.
    private struct Exemplars: Sendable {
        var droppedCount = 0
        var items: [Exemplar] = []
    }

    private(set) var summary = Memtable.Summary()
    /// One a ref that was ever given a sample.
    private(set) var newest: [Newest] = []
    private var slots = SampleSlots()
    private var histograms: [UInt32: [HistogramSample]] = [:]
    private var exemplars: [UInt32: Exemplars] = [:]
    private var exemplarCount = 0

    init() {}

    /// Begins with what is known of the newest samples.
    init(newest: [Newest]) {
        self.newest = newest
        for index in self.newest.indices {
            self.newest[index].slot = 0
            self.newest[index].isUnordered = false
        }
    }

    func successor() -> MemtableState { MemtableState(newest: newest) }

    // MARK: Adding

    mutating func add(
        _ batch: SampleBatch, _ refs: [UInt32], _ context: CommitContext, _ older: [Memtable]
    ) -> SampleRefusals {
        var refusals = SampleRefusals()
        if newest.count < context.refCount {
            // An eighth more than needed, so that a flow of new series does not copy each time.
            let missing = max(context.refCount - newest.count, newest.count / 8)
            newest.append(contentsOf: repeatElement(Newest(), count: missing))
        }
        addSamples(batch, refs, older, &refusals)
        addHistograms(batch, refs, &refusals)
        addExemplars(batch, refs)
        if summary.firstSequence == 0 { summary.firstSequence = context.sequence }
        summary.lastSequence = max(summary.lastSequence, context.sequence)
        if summary.begunMillis == nil { summary.begunMillis = context.nowMillis }
        return refusals
    }

    private mutating func addSamples(
        _ batch: SampleBatch, _ refs: [UInt32], _ older: [Memtable],
        _ refusals: inout SampleRefusals
    ) {
        var added = 0
        var (least, greatest) = (summary.minTime, summary.maxTime)
        let slotCount = slots.slotCount
        for index in batch.times.indices {
            let ref = refs[Int(batch.seriesIndexes[index])]
            guard ref != HeadSeries.noRef else { continue }
            let time = batch.times[index]
            let bits = batch.values[index].bitPattern
            let known = newest[Int(ref)]
            if time > known.time {
                newest[Int(ref)] = Newest(
                    time: time, bits: bits, slot: slots.append(known.slot, time, bits),
                    isUnordered: known.isUnordered)
            } else {
                guard isNew(ref, time, bits, known, older, &refusals) else { continue }
                newest[Int(ref)].slot = slots.append(known.slot, time, bits)
                newest[Int(ref)].isUnordered = known.slot > 0
            }
            added += 1
            least = min(least, time)
            greatest = max(greatest, time)
        }
        summary.sampleCount += added
        summary.byteCount += (slots.slotCount - slotCount) * Limits.slotByteCount
        summary.minTime = least
        summary.maxTime = greatest
    }

    /// Whether a sample that is not newer than all of its series is to be taken.
    ///
    /// One that is there already is what a retry sends: it is neither taken nor refused. Samples
    /// in segments are not looked at; where one of those has the same time, it is the answer.
    private func isNew(
        _ ref: UInt32, _ time: Int64, _ bits: UInt64, _ known: Newest, _ older: [Memtable],
        _ refusals: inout SampleRefusals
    ) -> Bool {
        var found: UInt64?
        if time == known.time, !known.isDeleted {
            found = known.bits
        } else {
            found = self.bits(of: ref, at: time)
            for memtable in older where found == nil { found = memtable.bits(of: ref, at: time) }
        }
        guard let found else { return true }
        if found != bits { refusals.conflicting += 1 }
        return false
    }

    private mutating func addHistograms(
        _ batch: SampleBatch, _ refs: [UInt32], _ refusals: inout SampleRefusals
    ) {
        for var sample in batch.histograms {
            let ref = refs[Int(sample.series)]
            guard ref != HeadSeries.noRef else { continue }
            let time = sample.timeMillis
            if let last = histograms[ref]?.last, last.timeMillis >= time,
                let known = histograms[ref]?.first(where: { $0.timeMillis == time })
            {
                if !known.histogram.isSame(as: sample.histogram) { refusals.conflicting += 1 }
                continue
            }
            sample.series = 0
            histograms[ref, default: []].append(sample)
            summary.sampleCount += 1
            summary.minTime = min(summary.minTime, time)
            summary.maxTime = max(summary.maxTime, time)
            summary.byteCount +=
                Limits.histogramByteCount
                + 8
                * (sample.histogram.positiveCounts.count + sample.histogram.negativeCounts.count)
        }
    }

    private mutating func addExemplars(_ batch: SampleBatch, _ refs: [UInt32]) {
        for var exemplar in batch.exemplars {
            let ref = refs[Int(exemplar.series)]
            guard ref != HeadSeries.noRef else { continue }
            exemplar.series = 0
            var known = exemplars[ref] ?? Exemplars()
            // A sender repeats its latest exemplar until it has a newer one.
            if known.items.last == exemplar { continue }
            guard exemplarCount < Limits.exemplarsInMemoryMax || !known.items.isEmpty else {
                summary.droppedExemplarCount += 1
                continue
            }
            exemplars[ref] = nil
            known.items.append(exemplar)
            exemplarCount += 1
            summary.byteCount += Limits.exemplarByteCount + exemplar.labels.bytes.count
            summary.minTime = min(summary.minTime, exemplar.timeMillis)
            summary.maxTime = max(summary.maxTime, exemplar.timeMillis)
            if known.items.count >= 2 * Limits.exemplarCountMax {
                let surplus = known.items.count - Limits.exemplarCountMax
                known.items.removeFirst(surplus)
                known.droppedCount += surplus
                exemplarCount -= surplus
            }
            exemplars[ref] = known
        }
    }

    /// Lets another sample take the place of the newest of some series, which was deleted.
    ///
    /// One that came here since is another.
    mutating func forgetNewest(_ refs: [UInt32], _ times: ClosedRange<Int64>) {
        for ref in refs where Int(ref) < newest.count {
            guard newest[Int(ref)].slot == 0, times.contains(newest[Int(ref)].time) else {
                continue
            }
            newest[Int(ref)].isDeleted = true
        }
    }

    // MARK: Reading

    func mark(_ ref: UInt32) -> Memtable.Mark {
        var mark = Memtable.Mark()
        if Int(ref) < newest.count { mark.slots = slots.mark(newest[Int(ref)].slot) }
        if !histograms.isEmpty { mark.histogramCount = histograms[ref]?.count ?? 0 }
        if !exemplars.isEmpty, let known = exemplars[ref] {
            mark.exemplarCount = known.droppedCount + known.items.count
        }
        return mark
    }

    /// The bits of a sample, as far as it is among the newest.
    ///
    /// Of a series with a long history only the end is looked at: whoever fills a history in must
    /// not make each sample dearer than the one before. A sample that is stored twice is one in
    /// the answer, and one in the segment.
    func bits(of ref: UInt32, at time: Int64) -> UInt64? {
        guard Int(ref) < newest.count else { return nil }
        var found: UInt64?
        var slotCount = 0
        let known = newest[Int(ref)]
        slots.forEachSlot(slots.mark(known.slot)) { words, start, count in
            for index in 0..<count where SampleSlots.time(words, start, index) == time {
                // The first that came is the answer, so the walk back goes on in the slot.
                if found == nil { found = SampleSlots.bits(words, start, index) }
            }
            slotCount += 1
            guard found == nil else { return false }
            if known.isUnordered { return slotCount < Limits.lateSlotCountMax }
            return SampleSlots.time(words, start, 0) > time
                && slotCount < Limits.lateOrderedSlotCountMax
        }
        return found
    }

    func gather(
        _ ref: UInt32, _ mark: Memtable.Mark, _ times: ClosedRange<Int64>,
        into chunk: inout SeriesChunk
    ) {
        gatherSamples(mark.slots, times, into: &chunk)
        if mark.histogramCount > 0, let list = histograms[ref] {
            for sample in list.prefix(mark.histogramCount) where times.contains(sample.timeMillis) {
                chunk.histograms.append(sample)
            }
        }
        if mark.exemplarCount > 0, let known = exemplars[ref] {
            for exemplar in known.items.prefix(max(0, mark.exemplarCount - known.droppedCount))
            where times.contains(exemplar.timeMillis) {
                chunk.exemplars.append(exemplar)
            }
        }
    }

    private func gatherSamples(
        _ mark: SampleSlots.Mark, _ times: ClosedRange<Int64>, into chunk: inout SeriesChunk
    ) {
        guard mark.slot > 0 else { return }
        slots.copy(mark, &chunk.times, &chunk.values)
        guard !chunk.times.allSatisfy({ times.contains($0) }) else { return }
        let kept = chunk.times.indices.filter { times.contains(chunk.times[$0]) }
        (chunk.times, chunk.values) = (
            kept.map { chunk.times[$0] }, kept.map { chunk.values[$0] }
        )
    }

    func hasAny(_ ref: UInt32, _ mark: Memtable.Mark, _ times: ClosedRange<Int64>) -> Bool {
        var found = false
        slots.forEachSlot(mark.slots) { words, start, count in
            for index in 0..<count where times.contains(SampleSlots.time(words, start, index)) {
                found = true
                return false
            }
            return true
        }
        if found { return true }
        guard mark.histogramCount + mark.exemplarCount > 0 else { return false }
        var chunk = SeriesChunk(labels: Labels(canonical: []))
        var others = mark
        others.slots = .none
        gather(ref, others, times, into: &chunk)
        return !chunk.isEmpty
    }
}

extension NativeHistogram {
    /// Whether all is the same; the mark that a series ended is the same as itself.
    fileprivate func isSame(as other: NativeHistogram) -> Bool {
        guard sum.bitPattern == other.sum.bitPattern else { return false }
        var (left, right) = (self, other)
        (left.sum, right.sum) = (0, 0)
        return left == right
    }
}
