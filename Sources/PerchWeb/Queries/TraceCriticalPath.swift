/// Which spans a trace waits for: shortening one of these stretches shortens the trace.
///
/// From the end of the longest span at the top backwards: at each moment the time belongs to the
/// child that ended last, and to the span itself where none was running. Children that outlive
/// their parent count up to its end.
package struct TraceCriticalPath: Sendable, Hashable {
    /// Stretches by the index of their span, ascending; together they cover the top span once.
    package private(set) var stretches: [Int: [Range<Int64>]] = [:]

    package init(_ spans: [SpanRow], _ shape: TraceShape) {
        let top = shape.tops.max { left, right in
            (spans[left].durationNanos, -left) < (spans[right].durationNanos, -right)
        }
        guard let top else { return }
        // A child that began before its parent counts from the parent's beginning.
        var waiting = [(index: top, start: spans[top].startNanos, end: spans[top].endNanos)]
        while let (index, start, end) = waiting.popLast() {
            var cursor = max(start, min(end, spans[index].endNanos))
            let children = shape.children[index].sorted { left, right in
                (spans[left].endNanos, spans[left].startNanos, left)
                    > (spans[right].endNanos, spans[right].startNanos, right)
            }
            for child in children where cursor > start {
                let childEnd = min(spans[child].endNanos, cursor)
                let childStart = max(spans[child].startNanos, start)
                guard childStart < cursor, childEnd > childStart else { continue }
                if childEnd < cursor { stretches[index, default: []].append(childEnd..<cursor) }
                waiting.append((child, childStart, childEnd))
                cursor = childStart
            }
            if cursor > start { stretches[index, default: []].append(start..<cursor) }
        }
        for index in stretches.keys { stretches[index]?.reverse() }
    }

    /// How much of a span lies on the path.
    package func nanos(_ index: Int) -> Int64 {
        (stretches[index] ?? []).reduce(0) { $0 &+ ($1.upperBound &- $1.lowerBound) }
    }

    /// Its spans, those with the longest stretches first.
    package var spans: [Int] {
        stretches.keys.sorted { (nanos($1), $0) < (nanos($0), $1) }
    }
}
