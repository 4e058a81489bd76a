import PerchModel

/// The labels of one data point in the making, without its name: sorted, unique, and reused from
/// point to point.
struct SeriesLabels: AttributeSink {
    var taken = 0
    var dropped = 0
    private var names: LabelNames
    /// The values by place, one after the other, those of the resource first.
    private var values: [UInt8] = []
    private var valueEnds: [Int] = []
    /// How many labels come with each point because of its sender; of these, how many are the
    /// resource's, and how many of those say who it is.
    private var senderCount = 0
    private var resourceCount = 0
    private var identityCount = 0
    /// The canonical bytes of all labels, in the order of their names.
    private var canonical: [UInt8] = []
    /// Where the label of each place in the order begins in `canonical`, and one more: the end.
    private var starts: [Int] = []
    /// Where the metric's name belongs.
    private var namePlace = Place()
    private var extraPlace = Place()
    private var extraName: [UInt8] = []

    /// Where a label belongs among those of the point.
    private struct Place {
        /// An index into `starts`.
        var index = 0
        /// Whether the point has a label of this name, which yields.
        var isTaken = false
    }

    /// Why the point has too many labels or too long ones to be kept, or nil.
    ///
    /// A label left out would make two series one, so the whole point is refused.
    var refusal: String? {
        if dropped > 0 || names.count > Limits.maxLabels {
            return
                "a data point has more than \(Limits.maxLabels) labels or a name that is too long"
        }
        return byteCount > Limits.maxLabelBytes
            ? "the labels of a data point are over \(Limits.maxLabelBytes) bytes" : nil
    }

    init(style: LabelStyle = LabelStyle()) {
        names = LabelNames(style: style)
    }

    /// Begins a resource: its labels come with every point, the promoted ones where the point has
    /// none of their name.
    mutating func beginResource(
        _ identity: [(name: String, value: String)],
        promoted: [(name: String, value: String)] = []
    ) {
        keep(0)
        add(identity, from: .fixed)
        identityCount = valueEnds.count
        add(promoted, from: .promoted)
        resourceCount = valueEnds.count
        senderCount = resourceCount
    }

    /// Begins a scope of the resource.
    mutating func beginScope(_ labels: [(name: String, value: String)]) {
        keep(resourceCount)
        add(labels, from: .fixed)
        senderCount = valueEnds.count
    }

    private mutating func add(
        _ labels: [(name: String, value: String)], from origin: LabelNames.Origin
    ) {
        for (name, value) in labels where !value.isEmpty {
            names.add(Array(name.utf8).span, from: origin)
            values.append(contentsOf: value.utf8)
            valueEnds.append(values.count)
        }
    }

    /// Begins a point.
    mutating func begin() {
        keep(senderCount)
    }

    /// Begins the series that tells of the resource itself; no point of the resource may follow.
    mutating func beginTargetInfo() {
        keep(identityCount)
    }

    private mutating func keep(_ count: Int) {
        taken = 0
        dropped = 0
        names.begin(keeping: count)
        values.removeLast(values.count - (count == 0 ? 0 : valueEnds[count - 1]))
        valueEnds.removeLast(valueEnds.count - count)
    }

    /// Whether two labels of the point in the making, which is finished, have one name.
    var hasRepeats: Bool { names.hasRepeats }

    mutating func take(
        _ bytes: Span<UInt8>, name: Span<UInt8>, value: AnyValue
    ) throws(WireFailure) {
        guard names.count <= Limits.maxLabels, byteCount <= Limits.maxLabelBytes else { return }
        names.add(name)
        switch value {
        case .none: break
        case .string(let range):
            let start = values.count
            let text = bytes.extracting(range)
            values.append(text)
            if !UTF8Check.isASCII(text) { UTF8Check.repair(&values, from: start) }
        case .bool(let value): values.append(contentsOf: (value ? "true" : "false").utf8)
        case .int(let value): values.append(decimal: value)
        case .double(let value): values.append(contentsOf: FloatText.plain(value).utf8)
        case .bytes(let range):
            values.append(contentsOf: Base64.encode(Array(bytes.extracting(range))).utf8)
        case .array, .map: try AnyValueJSON.append(bytes, value, to: &values)
        }
        valueEnds.append(values.count)
    }

    /// Sorts, and settles names that two attributes came to share: their values are joined by
    /// semicolons, as Prometheus does; a label that says who sent them wins over both, and both
    /// win over a promoted one.
    mutating func finish() {
        if names.finish() {
            namePlace = place(of: Self.metricName)
            extraName.removeAll(keepingCapacity: true)
        }
        canonical.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        if names.hasRepeats {
            writeJoined()
        } else {
            for place in names.order { write(place) }
        }
        starts.append(canonical.count)
    }

    /// Replaces `key` by the canonical bytes of the series with this name and one more label,
    /// whose name must come after `__name__` and wins over a label of the point.
    mutating func encode(
        name: [UInt8], extra: (name: [UInt8], value: [UInt8])?, into key: inout [UInt8]
    ) {
        key.removeAll(keepingCapacity: true)
        // A copy of the reference, since a span of the property would hold all of self.
        let canonical = canonical
        let bytes = canonical.span
        var position = starts[namePlace.index]
        key.append(bytes.extracting(0..<position))
        Self.append(Self.metricName, name, to: &key)
        if namePlace.isTaken { position = starts[namePlace.index + 1] }
        if let extra {
            if extraName != extra.name {
                extraName = extra.name
                extraPlace = place(of: extra.name)
            }
            key.append(bytes.extracting(position..<starts[extraPlace.index]))
            Self.append(extra.name, extra.value, to: &key)
            position = starts[extraPlace.index + (extraPlace.isTaken ? 1 : 0)]
        }
        key.append(bytes.extracting(position..<bytes.count))
    }

    private var byteCount: Int { names.byteCount + values.count }

    private static let metricName = Array("__name__".utf8)

    private static func append(_ name: [UInt8], _ value: [UInt8], to key: inout [UInt8]) {
        append(name, name.indices, to: &key)
        append(value, value.indices, to: &key)
    }

    /// Appends the bytes in `range` with their count before them.
    @inline(__always)
    private static func append(_ text: [UInt8], _ range: Range<Int>, to key: inout [UInt8]) {
        var length = UInt(range.count)
        while length >= 0x80 {
            key.append(UInt8(truncatingIfNeeded: length) | 0x80)
            length >>= 7
        }
        key.append(UInt8(truncatingIfNeeded: length))
        key.append(text.span.extracting(range))
    }

    private func valueRange(_ place: Int) -> Range<Int> {
        (place == 0 ? 0 : valueEnds[place - 1])..<valueEnds[place]
    }

    @inline(__always)
    private mutating func write(_ place: Int) {
        starts.append(canonical.count)
        let range = valueRange(place)
        // An empty value is an absent label.
        guard !range.isEmpty else { return }
        names.append(place, to: &canonical)
        Self.append(values, range, to: &canonical)
    }

    /// Writes the labels when some share a name.
    private mutating func writeJoined() {
        let order = names.order
        var index = 0
        while index < order.count {
            var next = index + 1
            while next < order.count, names.isSame(order[index], order[next]) { next += 1 }
            writeShared(order[index..<next])
            // Those that share the name take up nothing of their own.
            for _ in index + 1..<next { starts.append(canonical.count) }
            index = next
        }
    }

    /// Writes the label of several places that share its name.
    private mutating func writeShared(_ places: ArraySlice<Int>) {
        // Of those that say who sent it, the scope's comes after the resource's.
        let fixed = places.last { names.origin($0) == .fixed }
        if let place = places.count == 1 ? places.first : fixed {
            write(place)
            return
        }
        let own = places.filter { names.origin($0) == .point && !valueRange($0).isEmpty }
        if own.isEmpty, let last = places.last(where: { names.origin($0) == .promoted }) {
            write(last)
        } else {
            writeJoined(own[...])
        }
    }

    private mutating func writeJoined(_ places: ArraySlice<Int>) {
        starts.append(canonical.count)
        var joined: [UInt8] = []
        for place in places where !valueRange(place).isEmpty {
            if !joined.isEmpty { joined.append(UInt8(ascii: ";")) }
            joined.append(values.span.extracting(valueRange(place)))
        }
        guard let first = places.first, !joined.isEmpty else { return }
        names.append(first, to: &canonical)
        Self.append(joined, joined.indices, to: &canonical)
    }

    private func place(of name: [UInt8]) -> Place {
        for (index, place) in names.order.enumerated() {
            let order = names.compare(place, name)
            if order >= 0 { return Place(index: index, isTaken: order == 0) }
        }
        return Place(index: names.order.count)
    }
}
