import PerchModel

/// Counts and figures of groups, collected from batches.
struct StatsCollector: Sendable {
    /// What one figure of one group is made from.
    struct Figure: Sendable {
        /// Records that have a value, by their weight.
        var count: Int64 = 0
        /// The sum, or the smallest or largest value.
        var number = 0.0
        var digest: QuantileDigest?
        var hashes: Set<UInt64>?
    }

    /// One group at one time.
    struct Group: Hashable {
        var bucket: Int
        var cells: [ResultCell]
    }

    private let stats: Stats
    private let buckets: TimeBuckets?
    private var grouper: EventGrouper
    /// Pairs of a group and a time, when there are times.
    private var pairs = WordTable()
    /// Rows of each slot: a group, or a pair.
    private var rowCounts: [Int64] = []
    /// One after the other for each slot.
    private var figures: [Figure] = []
    private var distinct: [DistinctHashes]
    private var keptValueCount = 0

    init(_ stats: Stats, _ buckets: TimeBuckets?) {
        self.stats = stats
        self.buckets = buckets
        grouper = EventGrouper(
            stats.groups.compactMap(\.key), groupCountMax: Limits.questionGroupsMax)
        distinct = stats.aggregations.map { DistinctHashes($0) }
    }

    mutating func add(_ batch: EventBatch) throws(QueryFailure) {
        let slots = try slots(of: batch)
        let weights = batch.weights
        for row in slots.indices { rowCounts[Int(slots[row])] &+= 1 }
        for place in stats.aggregations.indices {
            try add(place, batch, slots, weights)
        }
    }

    private mutating func slots(of batch: EventBatch) throws(QueryFailure) -> [UInt32] {
        var slots: [UInt32]
        do throws(EventGrouper.TooManyGroups) {
            slots = try grouper.groups(of: batch)
        } catch {
            throw .tooMuch("more than \(error.groupCountMax) groups; group by fewer fields")
        }
        var count = grouper.groupCount
        if let buckets {
            let times = buckets.indexes(of: batch.times)
            for row in slots.indices {
                slots[row] = pairs.intern(
                    UInt64(slots[row]) << 32 | UInt64(UInt32(bitPattern: times[row])))
            }
            count = pairs.count
        }
        guard count <= Limits.questionGroupsMax else {
            throw .tooMuch("more than \(Limits.questionGroupsMax) groups; ask for a longer span")
        }
        if count > rowCounts.count {
            let width = stats.aggregations.count
            rowCounts += Array(repeating: 0, count: count - rowCounts.count)
            figures += Array(repeating: Figure(), count: count * width - figures.count)
        }
        return slots
    }

    private mutating func add(
        _ place: Int, _ batch: EventBatch, _ slots: [UInt32], _ weights: [Int64]?
    ) throws(QueryFailure) {
        let aggregation = stats.aggregations[place]
        let width = stats.aggregations.count
        guard let field = aggregation.field else {
            for row in slots.indices {
                figures[Int(slots[row]) * width + place].count &+= weights?[row] ?? 1
            }
            return
        }
        if aggregation.function == .distinct || aggregation.function == .count {
            let numbers = distinct[place].numbers(of: batch)
            for row in slots.indices where numbers[row] != 0 {
                figures[Int(slots[row]) * width + place].count &+= weights?[row] ?? 1
                guard aggregation.function == .distinct else { continue }
                try distinct[place].add(slots[row], numbers[row])
            }
            return
        }
        let values = FieldDoubles(field).values(of: batch)
        for row in slots.indices where !values[row].isNaN {
            add(
                values[row], weights?[row] ?? 1, aggregation.function,
                at: Int(slots[row]) * width + place)
        }
        if keptValueCount > Limits.exactValuesTotalMax {
            for index in figures.indices { figures[index].digest?.coarsen() }
            keptValueCount = 0
        }
    }

    private mutating func add(
        _ value: Double, _ weight: Int64, _ function: Aggregation.Function, at index: Int
    ) {
        let isFirst = figures[index].count == 0
        figures[index].count &+= weight
        switch function {
        case .sum, .average: figures[index].number += value * Double(weight)
        case .minimum:
            figures[index].number = isFirst ? value : min(figures[index].number, value)
        case .maximum:
            figures[index].number = isFirst ? value : max(figures[index].number, value)
        case .quantile:
            keptValueCount += 1
            figures[index].digest = figures[index].digest ?? QuantileDigest()
            figures[index].digest?.add(value, weight: weight)
        case .count, .distinct: break
        }
    }

    /// What was collected, by group; groups whose names are shown alike are one.
    func collected() -> [Group: [Figure]] {
        let width = stats.aggregations.count
        var hashes = distinct.map { $0.bySlot() }
        var result: [Group: [Figure]] = [:]
        for slot in rowCounts.indices where rowCounts[slot] > 0 {
            var group = slot
            var bucket = 0
            if buckets != nil {
                let pair = pairs.keys[slot]
                group = Int(pair >> 32)
                bucket = Int(Int32(bitPattern: UInt32(truncatingIfNeeded: pair)))
            }
            var own = Array(figures[slot * width..<(slot + 1) * width])
            for place in own.indices where stats.aggregations[place].function == .distinct {
                own[place].hashes = hashes[place].removeValue(forKey: UInt32(slot)) ?? []
            }
            let cells = zip(stats.groups, grouper.values(of: group)).map { $0.shown($1) }
            let key = Group(bucket: bucket, cells: cells)
            if let known = result[key] {
                result[key] = Self.merge(known, own, stats)
            } else {
                result[key] = own
            }
        }
        return result
    }

    /// The figures of two parts of one group.
    static func merge(_ left: [Figure], _ right: [Figure], _ stats: Stats) -> [Figure] {
        var result = left
        for place in result.indices {
            let added = right[place]
            switch stats.aggregations[place].function {
            case .sum, .average, .count: result[place].number += added.number
            case .minimum where added.count > 0:
                result[place].number =
                    left[place].count > 0 ? min(left[place].number, added.number) : added.number
            case .maximum where added.count > 0:
                result[place].number =
                    left[place].count > 0 ? max(left[place].number, added.number) : added.number
            case .quantile:
                if let digest = added.digest {
                    result[place].digest = result[place].digest ?? QuantileDigest()
                    result[place].digest?.merge(digest)
                }
            case .distinct: result[place].hashes?.formUnion(added.hashes ?? [])
            case .minimum, .maximum: break
            }
            result[place].count &+= added.count
        }
        return result
    }

    /// A figure as it is answered.
    static func cell(_ figure: Figure?, _ function: Aggregation.Function) -> ResultCell {
        guard let figure else {
            return function == .count || function == .distinct ? .int(0) : .none
        }
        switch function {
        case .count: return .int(figure.count)
        case .distinct: return .int(Int64(figure.hashes?.count ?? 0))
        case .quantile(let part): return figure.digest?.quantile(part).map { .double($0) } ?? .none
        case .sum, .minimum, .maximum: return figure.count > 0 ? .double(figure.number) : .none
        case .average:
            return figure.count > 0 ? .double(figure.number / Double(figure.count)) : .none
        }
    }
}

/// Which different values each slot has, by a hash of their text.
struct DistinctHashes: Sendable {
    private var field: FieldNumbers?
    private var hashes: [UInt64] = []
    private var pairs = WordTable()

    init(_ aggregation: Aggregation) {
        guard aggregation.function == .distinct || aggregation.function == .count else { return }
        field = aggregation.field.flatMap(\.key).map { FieldNumbers($0) }
    }

    /// The number of each row's value; 0 for none.
    mutating func numbers(of batch: EventBatch) -> [UInt32] {
        field?.numbers(of: batch) ?? []
    }

    mutating func add(_ slot: UInt32, _ number: UInt32) throws(QueryFailure) {
        _ = pairs.intern(UInt64(slot) << 32 | UInt64(number))
        guard pairs.count <= Limits.distinctValuesMax else {
            throw .tooMuch(
                "more than \(Limits.distinctValuesMax) different values to count; narrow the search"
            )
        }
    }

    func bySlot() -> [UInt32: Set<UInt64>] {
        guard let texts = field?.texts else { return [:] }
        var known: [UInt32: UInt64] = [:]
        var result: [UInt32: Set<UInt64>] = [:]
        let storage = texts.storage
        for pair in pairs.keys {
            let number = UInt32(truncatingIfNeeded: pair)
            let hash =
                known[number]
                ?? SeededHash.hash(storage.span.extracting(texts.range(of: number - 1)))
            known[number] = hash
            result[UInt32(truncatingIfNeeded: pair >> 32), default: []].insert(hash)
        }
        return result
    }
}
