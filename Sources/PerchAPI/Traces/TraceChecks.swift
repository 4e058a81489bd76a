import PerchModel

/// What is odd about the spans of a trace: ids that repeat, parents that are missing or run in a
/// circle.
///
/// Spans are looked at a constant number of times, whatever their parents say.
struct TraceChecks {
    /// One list of sentences a span, in the order of the trace's places; empty when there is none.
    private(set) var warnings: [[String]]
    /// The place of the span that stands for the trace: the first without a parent, else the first
    /// whose parent is not there, else the first.
    private(set) var root = 0

    init(_ trace: Trace) {
        let count = trace.places.count
        warnings = Array(repeating: [], count: count)
        var firstOfID: [UInt64: Int] = [:]
        firstOfID.reserveCapacity(count)
        var parents: [UInt64?] = []
        parents.reserveCapacity(count)
        for (index, place) in trace.places.enumerated() {
            let chunk = trace.chunk(of: place)
            parents.append(chunk.spanID(RecordField.parentSpanID, ofRow: place.row))
            guard let id = chunk.spanID(RecordField.spanID, ofRow: place.row) else { continue }
            if firstOfID[id] == nil {
                firstOfID[id] = index
            } else {
                warnings[index].append("another span of this trace has the same id")
            }
        }
        var lost: Int?
        for (index, parent) in parents.enumerated() {
            guard let parent, firstOfID[parent] == nil else { continue }
            if lost == nil { lost = index }
            warnings[index].append("the parent \(Self.hex(parent)) is not in this trace")
        }
        let up = parents.map { parent in parent.flatMap { firstOfID[$0] } }
        for index in Self.circles(up) {
            warnings[index].append("the parents of this span run in a circle")
        }
        root = parents.firstIndex { $0 == nil } ?? lost ?? 0
    }

    /// The indexes that stand in a circle, when each points to at most one other.
    static func circles(_ next: [Int?]) -> [Int] {
        // The walk that first came by; 0 is none yet.
        var walks = Array(repeating: 0, count: next.count)
        var found: [Int] = []
        for start in next.indices where walks[start] == 0 {
            let walk = start + 1
            var current: Int? = start
            while let index = current, walks[index] == 0 {
                walks[index] = walk
                current = next[index]
            }
            // The walk met itself: what it meets again until it is back is the circle.
            guard let meeting = current, walks[meeting] == walk else { continue }
            var index = meeting
            repeat {
                found.append(index)
                guard let after = next[index] else { break }
                index = after
            } while index != meeting
        }
        return found.sorted()
    }

    private static func hex(_ id: UInt64) -> String {
        Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: id >> UInt64(56 - 8 * $0)) })
    }
}
