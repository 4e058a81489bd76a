package import PerchModel
import Synchronization

extension SpanMetrics {
    /// Hands over the batches of spans that a store's log has after a place, in the order of the
    /// log.
    package typealias Replay = (
        _ position: EventPosition, _ body: (EventBatch, EventPosition) -> Void
    ) throws(StoreFailure) -> Void

    /// Writes what is due.
    ///
    /// What a sink did not take is offered again, as it is, before anything newer: a place in the log
    /// is only ever written after all counts up to it. Nothing is written before
    /// ``restore(from:replaying:)``: a counter would go back.
    package func write(to sink: any SampleSink) async throws(StoreFailure) {
        try await offer(to: sink)
        prepare()
        try await offer(to: sink)
    }

    private func offer(to sink: any SampleSink) async throws(StoreFailure) {
        while let part = state.withLock({ $0.offered.first }) {
            try await sink.append(part.batch)
            state.withLock { state in
                state.offered.removeFirst()
                if let position = part.position { state.noteWritten(position) }
            }
        }
    }

    /// Makes batches of what is due.
    private func prepare() {
        let nowNanos = now()
        state.withLock { state in
            guard state.isRestored else { return }
            // A series has one sample a millisecond.
            let millis = max(nowNanos / 1_000_000, state.writtenMillis &+ 1)
            state.writtenMillis = millis
            var writer = SpanSampleWriter(
                timeMillis: millis, zeroMillis: millis - Int64(Limits.spanWriteSeconds) * 1_000)
            note(state.tally, nowNanos)
            state.tally.turn()
            state.tally.counts.write(to: &writer, services: state.tally.names)
            state.tally.graph.write(to: &writer, names: state.tally.names)
            // Behind the counts, or in the same batch: it is never there without them.
            // Also when nothing changed, until the log need not keep anything.
            if state.position > .start,
                !writer.isEmpty || state.needsAfter < state.position
                    || millis - state.positionMillis >= Limits.spanPositionMillis
            {
                state.positionMillis = millis
                SpanPositions.write(state.position, to: &writer)
            }
            guard !writer.isEmpty else { return }
            writer.describe(SpanCounts.metadata + ServiceGraph.metadata + SpanPositions.metadata)
            state.offered = writer.full.map { SpanMetrics.Part(batch: $0) }
            state.offered.append(SpanMetrics.Part(batch: writer.batch, position: state.position))
        }
    }

    /// Tells the catalogue which operations were seen since the last write.
    private func note(_ tally: borrowing SpanTally, _ nowNanos: Int64) {
        for (index, key) in tally.counts.keys.keys.enumerated()
        where tally.counts.series.touched[index + 1] != 0 {
            catalogue.note(
                SpanCatalogue.Operation(
                    name: tally.counts.keys.name(at: index), kind: Int64(key.tag >> 2)),
                of: tally.names.name(at: Int(key.service)), seenNanos: nowNanos)
        }
    }

    /// Goes on where the series of an earlier run ended, and counts what came after that: a crash
    /// came before it was written.
    ///
    /// `newestFile` is the newest of the log: places beyond it are another log's, as in a copy of
    /// the samples alone. Called once, before the first write and the first batch.
    package func restore(
        from samples: any SampleSource, newestFile: UInt64 = 0,
        replaying replay: Replay = { _, _ in }
    ) async throws(StoreFailure) {
        let nowMillis = now() / 1_000_000
        let positions = try await SpanPositions(
            from: samples, newestFile: newestFile, nowMillis: nowMillis)
        let last = positions.written.last
        // A row that did not change for longer than this begins anew.
        let end = last?.timeMillis ?? nowMillis
        let (start, isBelow) = end.subtractingReportingOverflow(Limits.spanIdleMillis)
        var restored = RestoredSpans()
        for name in RestoredSpans.metricNames {
            let query = SampleQuery(
                matchers: [LabelMatcher("__name__", .equal, name)],
                times: (isBelow ? .min : start)...end)
            var cursor = samples.read(query)
            while let series = try await cursor.next() { restored.take(series) }
        }
        state.withLock { state in
            restored.apply(
                &state.tally.names, &state.tally.counts, &state.tally.graph, nowMillis: nowMillis)
            // The next write is later than the last one, unless that was ahead of the clock.
            if let last, last.timeMillis <= nowMillis { state.writtenMillis = last.timeMillis }
            state.written = positions.written.map(\.position)
        }
        var before = positions.written.map(\.position)
        let counted = before.last ?? .start
        let first = before.count < Limits.spanPositionsKept ? .start : before.removeFirst()
        // Counts without a place are of a version that wrote none.
        let isOld = last == nil && !restored.isEmpty
        try replay(first) { batch, position in
            state.withLock { state in
                let spans = SpanRows(batch)
                while let write = before.first, position > write {
                    state.tally.turn(isCounted: true)
                    before.removeFirst()
                }
                if isOld {
                    // It may have been counted, or not.
                } else if position > counted {
                    _ = state.tally.count(spans)
                } else {
                    state.tally.remember(spans)
                }
                state.position = position
            }
        }
        state.withLock { state in
            for _ in before { state.tally.turn(isCounted: true) }
            state.position = max(state.position, counted)
            state.isRestored = true
        }
    }
}

extension SpanMetrics.State {
    mutating func noteWritten(_ position: EventPosition) {
        written.append(position)
        if written.count > Limits.spanPositionsKept { written.removeFirst() }
    }
}
