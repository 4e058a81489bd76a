import PerchModel

/// The series of several sources put together: the same series of all in one row, rows in the
/// order of the label bytes.
struct SourceJoin: Sendable {
    /// The series of one source that a query wants, in the order of their label bytes.
    enum Source: Sendable {
        /// Numbers of a segment's series.
        case segment(SegmentIndex, [UInt32])
        case head(labels: [Labels], hashes: [SeriesHash])

        var count: Int {
            switch self {
            case .segment(_, let numbers): numbers.count
            case .head(let labels, _): labels.count
            }
        }

        func hash(_ place: Int) -> SeriesHash {
            switch self {
            case .segment(let index, let numbers): index.hash(of: Int(numbers[place]))
            case .head(_, let hashes): hashes[place]
            }
        }

        func labels(_ place: Int) -> Labels {
            switch self {
            case .segment(let index, let numbers): index.labels(of: Int(numbers[place]))
            case .head(let labels, _): labels[place]
            }
        }
    }

    private static let none = UInt32.max

    private let sources: [Source]
    /// Of each row the place in each source, or `none`.
    private var places: [UInt32] = []
    private var order: [UInt32] = []

    var rowCount: Int { order.count }

    init(_ sources: [Source]) {
        self.sources = sources
        guard let base = sources.indices.max(by: { sources[$0].count < sources[$1].count }),
            sources[base].count > 0
        else { return }
        let count = sources[base].count
        places = Array(repeating: Self.none, count: count * sources.count)
        for row in 0..<count { places[row * sources.count + base] = UInt32(row) }
        order = (0..<UInt32(count)).map { $0 }
        guard sources.indices.contains(where: { $0 != base && sources[$0].count > 0 }) else {
            return
        }
        var table = HashTable(capacity: sources.reduce(0) { $0 + $1.count })
        for row in 0..<count { table.insert(sources[base].hash(row), UInt32(row)) }
        var extra: [UInt32] = []
        for (number, source) in sources.enumerated() where number != base {
            for place in 0..<source.count {
                let hash = source.hash(place)
                if let row = table.find(hash) {
                    places[Int(row) * sources.count + number] = UInt32(place)
                } else {
                    let row = UInt32(count + extra.count)
                    table.insert(hash, row)
                    extra.append(row)
                    places.append(
                        contentsOf: repeatElement(Self.none, count: sources.count))
                    places[Int(row) * sources.count + number] = UInt32(place)
                }
            }
        }
        if !extra.isEmpty { merge(extra) }
    }

    /// The row at a place of the answer.
    func row(at place: Int) -> Int { Int(order[place]) }

    /// The series of a row in a source: a number of the segment's, or a place in the head's list.
    func local(_ row: Int, _ source: Int) -> Int? {
        let place = places[row * sources.count + source]
        guard place != Self.none else { return nil }
        if case .segment(_, let numbers) = sources[source] { return Int(numbers[Int(place)]) }
        return Int(place)
    }

    func labels(of row: Int) -> Labels {
        // The head's labels need not be put together: it comes last.
        for source in sources.indices.reversed() {
            let place = places[row * sources.count + source]
            if place != Self.none { return sources[source].labels(Int(place)) }
        }
        return Labels(canonical: [])
    }

    /// Puts rows that the base does not have where their labels belong.
    private mutating func merge(_ extra: [UInt32]) {
        var sorted = extra.map { (row: $0, labels: labels(of: Int($0)).bytes) }
        sorted.sort { LabelBytes.precedes($0.labels, $1.labels) }
        var merged: [UInt32] = []
        merged.reserveCapacity(order.count + extra.count)
        var start = 0
        for (row, labels) in sorted {
            let end = firstRow(
                after: labels, from: start, isFewExtra: extra.count * 16 < order.count)
            merged.append(contentsOf: order[start..<end])
            merged.append(row)
            start = end
        }
        merged.append(contentsOf: order[start...])
        order = merged
    }

    /// The first place from `start` on whose labels come after some.
    private func firstRow(after labels: [UInt8], from start: Int, isFewExtra: Bool) -> Int {
        func isAfter(_ place: Int) -> Bool {
            LabelBytes.precedes(labels, self.labels(of: Int(order[place])).bytes)
        }
        if !isFewExtra {
            var place = start
            while place < order.count, !isAfter(place) { place += 1 }
            return place
        }
        var low = start
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if isAfter(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Rows by the hashes of their series.
private struct HashTable {
    private var slots: [UInt32]
    private var hashes: [SeriesHash] = []
    private let mask: Int

    init(capacity: Int) {
        var size = 16
        while size < 2 * capacity { size *= 2 }
        slots = Array(repeating: 0, count: size)
        mask = size - 1
    }

    func find(_ hash: SeriesHash) -> UInt32? {
        var slot = Int(truncatingIfNeeded: hash.low) & mask
        while slots[slot] != 0 {
            if hashes[Int(slots[slot] - 1)] == hash { return slots[slot] - 1 }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// Adds the next row: rows are numbered as they come.
    mutating func insert(_ hash: SeriesHash, _ row: UInt32) {
        var slot = Int(truncatingIfNeeded: hash.low) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = row + 1
        hashes.append(hash)
    }
}
