/// Who is under whom in a trace whose spans stand parents first.
package struct TraceShape: Sendable, Hashable {
    /// Nil for those at the top.
    package private(set) var parents: [Int?]
    /// The direct children of each, by start.
    package private(set) var children: [[Int]]
    /// Where the descendants of each end: those of `index` are `index + 1 ..< ends[index]`.
    package private(set) var ends: [Int]
    package private(set) var tops: [Int] = []

    /// `spans` as ``TraceDetail`` has them.
    package init(_ spans: [SpanRow]) {
        parents = [Int?](repeating: nil, count: spans.count)
        children = [[Int]](repeating: [], count: spans.count)
        ends = [Int](repeating: spans.count, count: spans.count)
        var open: [Int] = []
        for index in spans.indices {
            while let last = open.last, spans[last].depth >= spans[index].depth {
                ends[last] = index
                open.removeLast()
            }
            if let parent = open.last {
                parents[index] = parent
                children[parent].append(index)
            } else {
                tops.append(index)
            }
            open.append(index)
        }
    }

    /// How many descendants a span has.
    package func descendantCount(_ index: Int) -> Int { ends[index] - index - 1 }

    /// In which row of a drawing each span of a subtree stands, so that none lies upon another and
    /// each lies below its parent.
    package func lanes(_ spans: [SpanRow], under top: Int?, lanesMax: Int) -> [Int: Int] {
        var lanes: [Int: Int] = [:]
        // Where the last span of each lane ends.
        var filled: [Int64] = []
        let range = top.map { $0..<ends[$0] } ?? 0..<spans.count
        let order = range.sorted { spans[$0].startNanos < spans[$1].startNanos }
        for index in order {
            let below = parents[index].flatMap { lanes[$0] }.map { $0 + 1 } ?? 0
            var lane = below
            while lane < filled.count, filled[lane] > spans[index].startNanos { lane += 1 }
            guard lane < lanesMax else { continue }
            while filled.count <= lane { filled.append(.min) }
            filled[lane] = max(spans[index].endNanos, spans[index].startNanos &+ 1)
            lanes[index] = lane
        }
        return lanes
    }
}

/// Which spans of a large trace are shown at once.
package struct TraceSelection: Sendable, Hashable {
    /// In the trace's order.
    package private(set) var shown: [Int] = []
    /// How many descendants of a span that is shown are not.
    package private(set) var hidden: [Int: Int] = [:]
    /// How many of the first children of `top` are shown or were passed over.
    package private(set) var passed = 0

    /// The whole of a small trace; of a large one those at the top, errors, and the critical path.
    ///
    /// `top` shows the spans under one alone, and `skip` passes over its first children.
    package init(
        _ spans: [SpanRow], _ shape: TraceShape, top: Int?, skip: Int, first: [Int], countMax: Int
    ) {
        let range = top.map { $0..<shape.ends[$0] } ?? 0..<spans.count
        let starts = top.map { shape.children[$0] } ?? shape.tops
        let skip = max(0, min(skip, starts.count))
        var isShown = [Bool](repeating: false, count: spans.count)
        var count = 0
        if let top {
            isShown[top] = true
            count = 1
        }
        // Everything under the children that were passed over begins before this.
        let low = skip < starts.count ? starts[skip] : range.upperBound
        for index in first where index >= low && range.contains(index) && count < countMax / 2 {
            Self.add(index, shape, &isShown, &count, countMax)
        }
        var level = Array(starts.dropFirst(skip))
        passed = skip
        var isFirst = true
        while !level.isEmpty, count < countMax {
            var next: [Int] = []
            for index in level where count < countMax {
                if !isShown[index] {
                    isShown[index] = true
                    count += 1
                }
                if isFirst { passed += 1 }
                next += shape.children[index]
            }
            isFirst = false
            level = next
        }
        for index in range where isShown[index] {
            shown.append(index)
            let missing = shape.children[index].reduce(0) { sum, child in
                isShown[child] || (index == top && child < low)
                    ? sum : sum + 1 + shape.descendantCount(child)
            }
            if missing > 0, index != top { hidden[index] = missing }
        }
    }

    /// A span with its ancestors, unless they are too many.
    private static func add(
        _ index: Int, _ shape: TraceShape, _ isShown: inout [Bool], _ count: inout Int,
        _ countMax: Int
    ) {
        var chain: [Int] = []
        var next: Int? = index
        while let at = next, !isShown[at] {
            guard count + chain.count < countMax else { return }
            chain.append(at)
            next = shape.parents[at]
        }
        for at in chain { isShown[at] = true }
        count += chain.count
    }
}
