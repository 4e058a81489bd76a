import PerchModel

/// The names of the labels of one data point, kept from point to point: most points of a body have
/// the same attributes in the same order, and then nothing is translated or sorted again.
struct LabelNames {
    /// Where a label comes from, which decides when two have the same name.
    enum Origin: UInt8 {
        /// An attribute of the point.
        case point
        /// A promoted attribute of the resource, which yields to the point's.
        case promoted
        /// What says who sent it, which wins.
        case fixed
    }

    /// One label, by its place among the attributes.
    private struct Name {
        /// Where the sender's name ends in `sent`; it begins where the one before ends.
        var sentEnd: Int
        /// Where the label's name with its length before it begins and ends in `labels`.
        var start: Int
        var end: Int
        /// Where the name itself begins.
        var nameStart: Int
        var origin: Origin
    }

    private let style: LabelStyle

    init(style: LabelStyle = LabelStyle()) {
        self.style = style
    }

    private var sent: [UInt8] = []
    private var labels: [UInt8] = []
    private var names: [Name] = []
    /// How many names the point in the making has confirmed.
    private(set) var count = 0
    /// Places in the order of their names.
    private(set) var order: [Int] = []
    /// Whether `order` is that of `names`.
    private var isSorted = false
    /// Whether two names are the same.
    private(set) var hasRepeats = false

    /// Begins a point, which keeps the first `kept` names.
    mutating func begin(keeping kept: Int) {
        count = kept
    }

    /// Adds the name of an attribute at the next place.
    mutating func add(_ name: Span<UInt8>, from origin: Origin = .point) {
        let sentStart = count == 0 ? 0 : names[count - 1].sentEnd
        // Fast path: the point before had this name here.
        if count < names.count, names[count].origin == origin,
            names[count].sentEnd - sentStart == name.count,
            stands(name, in: sent.span, at: sentStart)
        {
            count += 1
            return
        }
        truncate(to: count)
        sent.append(name)
        let start = labels.count
        // The length goes before the name once it is known; it seldom takes more than a byte.
        labels.append(0)
        MetricName.appendLabel(name, style, to: &labels)
        var nameStart = start + 1
        let length = labels.count - nameStart
        if length < 0x80 {
            labels[start] = UInt8(truncatingIfNeeded: length)
        } else {
            let bytes = Array(labels[nameStart...])
            labels.removeLast(labels.count - start)
            Labels.append(bytes, to: &labels)
            nameStart = labels.count - length
        }
        names.append(
            Name(
                sentEnd: sent.count, start: start, end: labels.count, nameStart: nameStart,
                origin: origin))
        count += 1
    }

    /// Ends a point: afterwards `order` says how its labels stand.
    ///
    /// Answers false when the names are those of the point before.
    mutating func finish() -> Bool {
        if count < names.count { truncate(to: count) }
        guard !isSorted else { return false }
        order = Array(names.indices)
        let (labels, names) = (labels, names)
        order.sort {
            let result = Self.compare(names[$0], names[$1], labels.span)
            return result < 0 || (result == 0 && $0 < $1)
        }
        hasRepeats = zip(order, order.dropFirst()).contains {
            Self.compare(names[$0], names[$1], labels.span) == 0
        }
        isSorted = true
        return true
    }

    /// Appends the name at a place with its length before it.
    @inline(__always)
    func append(_ place: Int, to output: inout [UInt8]) {
        output.append(labels.span.extracting(names[place].start..<names[place].end))
    }

    /// The bytes of all names, as sent and as labels.
    var byteCount: Int { sent.count + labels.count }

    func origin(_ place: Int) -> Origin { names[place].origin }

    func isSame(_ place: Int, _ other: Int) -> Bool {
        Self.compare(names[place], names[other], labels.span) == 0
    }

    /// Below zero when the name at a place comes before `name`, zero when it is `name`.
    func compare(_ place: Int, _ name: [UInt8]) -> Int {
        let entry = names[place]
        let count = entry.end - entry.nameStart
        for offset in 0..<min(count, name.count) {
            let byte = labels[entry.nameStart + offset]
            if byte != name[offset] { return byte < name[offset] ? -1 : 1 }
        }
        return count - name.count
    }

    private mutating func truncate(to kept: Int) {
        isSorted = false
        guard kept < names.count else { return }
        sent.removeLast(sent.count - (kept == 0 ? 0 : names[kept - 1].sentEnd))
        labels.removeLast(labels.count - names[kept].start)
        names.removeLast(names.count - kept)
    }

    private static func compare(_ left: Name, _ right: Name, _ labels: Span<UInt8>) -> Int {
        let leftCount = left.end - left.nameStart
        let rightCount = right.end - right.nameStart
        let shorter = min(leftCount, rightCount)
        var common = 0
        // Long names are long because they begin alike.
        while common + 8 <= shorter,
            word(labels, at: left.nameStart + common) == word(labels, at: right.nameStart + common)
        {
            common += 8
        }
        for offset in common..<shorter {
            let byte = labels[left.nameStart + offset]
            let other = labels[right.nameStart + offset]
            if byte != other { return byte < other ? -1 : 1 }
        }
        return leftCount - rightCount
    }
}
