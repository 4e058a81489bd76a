import PerchModel

/// The labels of one data point in the making, without its name: sorted, unique, and reused from
/// point to point. Names and values are bytes in one buffer.
struct SeriesLabels: AttributeSink {
    var taken = 0
    var dropped = 0
    private var text: [UInt8] = []
    private var entries: [Entry] = []
    /// What of `text` and `entries` belongs to the resource.
    private var resourceText = 0
    private var resourceEntries: [Entry] = []
    /// What comes with each point because of its resource.
    var resourceBytes: Int { resourceText }

    private struct Entry {
        var start: Int
        var middle: Int
        var end: Int
        var isResource: Bool
    }

    /// Begins a resource: its labels come with every point.
    mutating func beginResource(_ labels: [(name: String, value: String)]) {
        text.removeAll(keepingCapacity: true)
        resourceEntries.removeAll(keepingCapacity: true)
        for (name, value) in labels where !value.isEmpty {
            let start = text.count
            text.append(contentsOf: name.utf8)
            let middle = text.count
            text.append(contentsOf: value.utf8)
            resourceEntries.append(
                Entry(start: start, middle: middle, end: text.count, isResource: true))
        }
        resourceText = text.count
    }

    /// Begins a point.
    mutating func begin() {
        taken = 0
        text.removeLast(text.count - resourceText)
        entries.removeAll(keepingCapacity: true)
        entries.append(contentsOf: resourceEntries)
    }

    mutating func take(
        _ bytes: Span<UInt8>, name: Span<UInt8>, value: AnyValue
    ) throws(WireFailure) {
        let start = text.count
        MetricName.appendLabel(name, to: &text)
        let middle = text.count
        switch value {
        case .none: break
        case .string(let range):
            let value = bytes.extracting(range)
            if UTF8Check.isASCII(value) {
                for index in value.indices { text.append(value[index]) }
            } else {
                text.append(contentsOf: UTF8Check.repaired(AnyValueJSON.copy(bytes, range)))
            }
        case .bool(let value): text.append(contentsOf: (value ? "true" : "false").utf8)
        case .int(let value): text.append(contentsOf: value.description.utf8)
        case .double(let value): text.append(contentsOf: FloatText.plain(value).utf8)
        case .bytes(let range):
            text.append(contentsOf: Base64.encode(AnyValueJSON.copy(bytes, range)).utf8)
        case .array, .map:
            var json: [UInt8] = []
            try AnyValueJSON.append(bytes, value, to: &json)
            text.append(contentsOf: UTF8Check.repaired(json))
        }
        // An empty value is an absent label.
        guard text.count > middle else { return }
        entries.append(Entry(start: start, middle: middle, end: text.count, isResource: false))
    }

    /// Sorts, and settles names that two attributes came to share: their values are joined by
    /// semicolons, as Prometheus does; a label of the resource wins over both.
    mutating func finish() {
        for index in entries.indices.dropFirst() {
            var place = index
            while place > 0, precedes(entries[place], entries[place - 1]) {
                entries.swapAt(place, place - 1)
                place -= 1
            }
        }
        var index = 1
        while index < entries.count {
            guard sameName(entries[index - 1], entries[index]) else {
                index += 1
                continue
            }
            if !entries[index - 1].isResource { join(index - 1, index) }
            entries.remove(at: index)
        }
    }

    /// Replaces `key` by the canonical bytes of the series with this name and one more label.
    func encode(
        name: [UInt8], extra: (name: [UInt8], value: [UInt8])?, into key: inout [UInt8]
    ) {
        key.removeAll(keepingCapacity: true)
        var pending: [(name: [UInt8], value: [UInt8])] = [(Self.metricName, name)]
        if let extra { pending.append(extra) }
        var next = 0
        for entry in entries {
            let label = text[entry.start..<entry.middle]
            while next < pending.count, !label.lexicographicallyPrecedes(pending[next].name) {
                append(pending[next].name[...], pending[next].value[...], to: &key)
                next += 1
            }
            if next > 0, label.elementsEqual(pending[next - 1].name) { continue }
            append(label, text[entry.middle..<entry.end], to: &key)
        }
        for (name, value) in pending[next...] { append(name[...], value[...], to: &key) }
    }

    private static let metricName = Array("__name__".utf8)

    @inline(__always)
    private func append(
        _ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>, to key: inout [UInt8]
    ) {
        // Fast path: lengths of one byte.
        if name.count < 0x80, value.count < 0x80 {
            key.append(UInt8(name.count))
            key.append(contentsOf: name)
            key.append(UInt8(value.count))
            key.append(contentsOf: value)
        } else {
            Labels.append(name, to: &key)
            Labels.append(value, to: &key)
        }
    }

    private func precedes(_ left: Entry, _ right: Entry) -> Bool {
        let leftName = text[left.start..<left.middle]
        let rightName = text[right.start..<right.middle]
        if leftName.lexicographicallyPrecedes(rightName) { return true }
        return left.isResource && !right.isResource && leftName.elementsEqual(rightName)
    }

    private func sameName(_ left: Entry, _ right: Entry) -> Bool {
        text[left.start..<left.middle].elementsEqual(text[right.start..<right.middle])
    }

    private mutating func join(_ first: Int, _ second: Int) {
        let start = text.count
        let name = text[entries[first].start..<entries[first].middle]
        let left = text[entries[first].middle..<entries[first].end]
        let right = text[entries[second].middle..<entries[second].end]
        text.append(contentsOf: name)
        let middle = text.count
        text.append(contentsOf: left)
        text.append(UInt8(ascii: ";"))
        text.append(contentsOf: right)
        entries[first] = Entry(start: start, middle: middle, end: text.count, isResource: false)
    }
}
