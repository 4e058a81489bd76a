import PerchModel

/// The labels of one data point in the making, without its name: sorted, unique, and reused from
/// point to point.
///
/// Names and values are bytes in one buffer.
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

    /// Where a label stands in `text`.
    ///
    /// One byte before the name and one before the value hold their lengths, when those are below
    /// 128.
    private struct Entry {
        var start: Int
        var middle: Int
        var end: Int
        var isResource: Bool

        var value: Int { middle + 1 }
    }

    /// Begins a resource: its labels come with every point.
    mutating func beginResource(_ labels: [(name: String, value: String)]) {
        text.removeAll(keepingCapacity: true)
        resourceEntries.removeAll(keepingCapacity: true)
        for (name, value) in labels where !value.isEmpty {
            text.append(0)
            let start = text.count
            text.append(contentsOf: name.utf8)
            let middle = text.count
            text.append(0)
            text.append(contentsOf: value.utf8)
            resourceEntries.append(entry(start, middle, isResource: true))
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
        text.append(0)
        let start = text.count
        MetricName.appendLabel(name, to: &text)
        let middle = text.count
        text.append(0)
        switch value {
        case .none: break
        case .string(let range):
            let value = bytes.extracting(range)
            if UTF8Check.isASCII(value) {
                for index in value.indices { text.append(value[index]) }
            } else {
                text.append(contentsOf: UTF8Check.repaired(Array(bytes.extracting(range))))
            }
        case .bool(let value): text.append(contentsOf: (value ? "true" : "false").utf8)
        case .int(let value): text.append(contentsOf: value.description.utf8)
        case .double(let value): text.append(contentsOf: FloatText.plain(value).utf8)
        case .bytes(let range):
            text.append(contentsOf: Base64.encode(Array(bytes.extracting(range))).utf8)
        case .array, .map:
            var json: [UInt8] = []
            try AnyValueJSON.append(bytes, value, to: &json)
            text.append(contentsOf: UTF8Check.repaired(json))
        }
        // An empty value is an absent label.
        guard text.count > middle + 1 else { return }
        entries.append(entry(start, middle, isResource: false))
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

    /// Replaces `key` by the canonical bytes of the series with this name and one more label,
    /// whose name must come after `__name__` and wins over a label of the point.
    func encode(
        name: [UInt8], extra: (name: [UInt8], value: [UInt8])?, into key: inout [UInt8]
    ) {
        key.removeAll(keepingCapacity: true)
        var needsName = true
        var needsExtra = extra != nil
        for entry in entries {
            if needsName {
                let order = order(entry, Self.metricName)
                if order >= 0 {
                    append(Self.metricName, name, to: &key)
                    needsName = false
                    if order == 0 { continue }
                }
            }
            if needsExtra, let extra {
                let order = order(entry, extra.name)
                if order >= 0 {
                    append(extra.name, extra.value, to: &key)
                    needsExtra = false
                    if order == 0 { continue }
                }
            }
            append(entry, to: &key)
        }
        if needsName { append(Self.metricName, name, to: &key) }
        if needsExtra, let extra { append(extra.name, extra.value, to: &key) }
    }

    private static let metricName = Array("__name__".utf8)

    private func append(_ name: [UInt8], _ value: [UInt8], to key: inout [UInt8]) {
        Labels.append(name, to: &key)
        Labels.append(value, to: &key)
    }

    private func append(_ entry: Entry, to key: inout [UInt8]) {
        // Fast path: both lengths are one byte, and the bytes before name and value have them.
        if entry.middle - entry.start < 0x80, entry.end - entry.value < 0x80 {
            key.append(contentsOf: text[entry.start - 1..<entry.end])
        } else {
            Labels.append(text[entry.start..<entry.middle], to: &key)
            Labels.append(text[entry.value..<entry.end], to: &key)
        }
    }

    /// Below zero when the entry's name comes before `name`, zero when it is `name`.
    private func order(_ entry: Entry, _ name: [UInt8]) -> Int {
        let count = entry.middle - entry.start
        for offset in 0..<min(count, name.count) {
            let left = text[entry.start + offset]
            if left != name[offset] { return left < name[offset] ? -1 : 1 }
        }
        return count - name.count
    }

    private func order(_ left: Entry, _ right: Entry) -> Int {
        let leftCount = left.middle - left.start
        let rightCount = right.middle - right.start
        for offset in 0..<min(leftCount, rightCount) {
            let byte = text[left.start + offset]
            let other = text[right.start + offset]
            if byte != other { return byte < other ? -1 : 1 }
        }
        return leftCount - rightCount
    }

    private func precedes(_ left: Entry, _ right: Entry) -> Bool {
        let order = order(left, right)
        return order < 0 || (order == 0 && left.isResource && !right.isResource)
    }

    private func sameName(_ left: Entry, _ right: Entry) -> Bool {
        order(left, right) == 0
    }

    private mutating func join(_ first: Int, _ second: Int) {
        let name = text[entries[first].start..<entries[first].middle]
        let left = text[entries[first].value..<entries[first].end]
        let right = text[entries[second].value..<entries[second].end]
        text.append(0)
        let start = text.count
        text.append(contentsOf: name)
        let middle = text.count
        text.append(0)
        text.append(contentsOf: left)
        text.append(UInt8(ascii: ";"))
        text.append(contentsOf: right)
        entries[first] = entry(start, middle, isResource: false)
    }

    /// The entry of a label that ends where `text` does, with its lengths written.
    private mutating func entry(_ start: Int, _ middle: Int, isResource: Bool) -> Entry {
        text[start - 1] = UInt8(truncatingIfNeeded: middle - start)
        text[middle] = UInt8(truncatingIfNeeded: text.count - middle - 1)
        return Entry(start: start, middle: middle, end: text.count, isResource: isResource)
    }
}
