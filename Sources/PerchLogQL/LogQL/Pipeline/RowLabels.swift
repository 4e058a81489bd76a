import PerchModel

/// What stages made of the labels of one row: names by their numbers, values as bytes.
///
/// Nothing is allocated for a row once the buffers have grown.
struct RowLabels: Sendable {
    /// What a label is, as far as stages said anything of it.
    enum Value {
        case stored
        case gone
        case made(Range<Int>)
    }

    private struct Slot {
        /// The row that it is about.
        var round: UInt64 = 0
        var isMade = false
        var start = 0
        var end = 0
    }

    /// What a parser found, until it has read the whole line.
    private(set) var found: [(number: UInt32, range: Range<Int>)] = []
    /// The name of what a parser reads.
    var name: [UInt8] = []
    /// Values, one after the other.
    var bytes: [UInt8] = []
    /// Numbers of labels that stages made or took away, each once.
    private(set) var changed: [UInt32] = []
    /// Changes when numbers get other names.
    private(set) var generation: UInt64 = 0

    private var names = TextTable()
    private var slots: [Slot] = []
    private var round: UInt64 = 1
    /// Names that the plan says come first and keep their numbers.
    private let fixed: [String]
    /// As many of these are looked for in lines; nil for any name.
    private let wantedCount: Int?
    /// Bit by bit the lengths of names that are looked for, the last for all that are longer.
    private let wantedLengths: UInt64

    /// Takes the names that are looked at, and of these what parsers look for; nil for all.
    init(_ names: Set<String>, wanted: Set<String>?) {
        let first = wanted.map { $0.sorted() } ?? []
        fixed = first + names.subtracting(first).sorted()
        wantedCount = wanted == nil ? nil : first.count
        wantedLengths = first.reduce(0) { $0 | 1 << UInt64(min($1.utf8.count, 63)) }
        reset()
    }

    private mutating func reset() {
        names = TextTable()
        for name in fixed { _ = names.intern(name) }
        slots = [Slot](repeating: Slot(), count: fixed.count)
        generation &+= 1
    }

    /// Turns to another row.
    mutating func begin() {
        round &+= 1
        if !changed.isEmpty { changed.removeAll(keepingCapacity: true) }
        if !found.isEmpty { found.removeAll(keepingCapacity: true) }
        bytes.removeAll(keepingCapacity: true)
        // Senders may make up names without end.
        if names.count > fixed.count + Limits.labelNamesMax { reset() }
    }

    // MARK: Names

    var nameCount: Int { names.count }

    func text(of number: UInt32) -> String { names.text(of: number) }

    /// The number of a name, if it has one.
    func number(_ name: String) -> UInt32? { names.number(of: Array(name.utf8).span) }

    /// The number of a name that a parser gives; nil when nobody looks at it.
    mutating func number(found name: String) -> UInt32? {
        self.name = Array(name.utf8)
        return numberOfName()
    }

    /// The same for what stands in ``name``.
    mutating func numberOfName() -> UInt32? {
        if wantedCount != nil, wantedLengths & 1 << UInt64(min(name.count, 63)) == 0 { return nil }
        let name = self.name
        if let wantedCount {
            guard let number = names.number(of: name.span), number < wantedCount else { return nil }
            return number
        }
        let number = names.intern(name.span)
        if Int(number) == slots.count { slots.append(Slot()) }
        return number
    }

    /// The label under which a parser's own value stands where the stream has one of that name.
    mutating func extracted(_ number: UInt32) -> UInt32? {
        name.removeAll(keepingCapacity: true)
        name.append(names.storage.span.extracting(names.range(of: number)))
        name.append(contentsOf: Self.suffix.utf8)
        return numberOfName()
    }

    /// What is added to a name that the stream has.
    static let suffix = "_extracted"

    /// Appends a part of a name with everything but letters and digits as underscores.
    mutating func appendName(_ part: Span<UInt8>) {
        var isPlain = true
        for index in part.indices where isPlain {
            isPlain = part[index].isLogQLLetter || part[index].isLogQLDigit
        }
        guard !isPlain else {
            name.append(part)
            return
        }
        for index in part.indices {
            let byte = part[index]
            // One for each character: those that continue one are passed over.
            if byte & 0xc0 == 0x80 { continue }
            name.append(
                byte.isLogQLLetter || byte.isLogQLDigit ? byte : UInt8(ascii: "_"))
        }
    }

    /// Sees to it that the name begins as names of labels do.
    mutating func finishName() {
        if name.first?.isLogQLDigit ?? true { name.insert(UInt8(ascii: "_"), at: 0) }
    }

    // MARK: Values

    func value(_ number: UInt32) -> Value {
        let slot = slots[Int(number)]
        guard slot.round == round else { return .stored }
        return slot.isMade ? .made(slot.start..<slot.end) : .gone
    }

    /// Notes what a parser found: the value behind `start`.
    mutating func add(_ number: UInt32, from start: Int) {
        guard found.count < Limits.labelsOfLineMax else { return }
        found.append((number, start..<bytes.count))
    }

    /// Forgets what a parser found; a line that breaks gives nothing.
    mutating func dropFound() { found.removeAll(keepingCapacity: true) }

    mutating func set(_ number: UInt32, _ range: Range<Int>) {
        if slots[Int(number)].round != round { changed.append(number) }
        slots[Int(number)] = Slot(
            round: round, isMade: true, start: range.lowerBound, end: range.upperBound)
    }

    mutating func set(_ number: UInt32, _ text: String) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        set(number, start..<bytes.count)
    }

    mutating func remove(_ number: UInt32) {
        if slots[Int(number)].round != round { changed.append(number) }
        slots[Int(number)] = Slot(round: round)
    }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
