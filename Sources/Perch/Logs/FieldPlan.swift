import PerchModel
import Synchronization

/// What becomes of a field by its name, worked out once.
///
/// An object, so that a line that has the field holds on to one thing.
final class FieldPlan: Sendable {
    /// The name in lines.
    let name: String
    /// The name as a line of JSON has it, from the comma to the colon, where that is known.
    let written: [UInt8]?
    /// Whether its value is taken away.
    let isDenied: Bool

    init(name: String, written: [UInt8]? = nil, isDenied: Bool = false) {
        self.name = name
        self.written = written
        self.isDenied = isDenied
    }
}

/// The plans of the fields that were seen.
final class FieldPlans: Sendable {
    /// Fields that are remembered: applications have few, and the rest is worked out each time.
    private static let countMax = 1024

    private let options: LogOptions
    private let known = Mutex(FieldTable())

    init(options: LogOptions) {
        self.options = options
    }

    /// All that are known, taken once a line.
    var all: FieldTable { known.withLock { $0 } }

    /// The plan of a field that is not known yet.
    func plan(of key: String) -> FieldPlan {
        let name = options.fields.name(of: key)
        let plan = FieldPlan(
            name: name, written: LogJSON.written(name, options.fields),
            isDenied: options.redaction.isDenied(key))
        known.withLock { known in
            if known.count < Self.countMax { known.add(key, plan) }
        }
        return plan
    }
}

/// Plans by the names at call sites.
///
/// A dictionary costs twice as much, since its hash must withstand those who choose names. Here
/// that is the application, and there is a limit.
struct FieldTable: Sendable {
    private var entries: [(key: String, plan: FieldPlan)] = []
    /// Places in `entries`, plus 1; 0 where nothing is.
    ///
    /// As many as a power of two, at most half of them taken.
    private var slots = [UInt16](repeating: 0, count: 32)

    var count: Int { entries.count }

    subscript(key: String) -> FieldPlan? {
        var slot = Self.hash(key) & (slots.count - 1)
        while slots[slot] != 0 {
            let place = Int(slots[slot]) - 1
            if entries[place].key == key { return entries[place].plan }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    mutating func add(_ key: String, _ plan: FieldPlan) {
        guard self[key] == nil else { return }
        entries.append((key, plan))
        if entries.count * 2 > slots.count {
            slots = [UInt16](repeating: 0, count: slots.count * 2)
            for index in entries.indices { place(index) }
        } else {
            place(entries.count - 1)
        }
    }

    private mutating func place(_ index: Int) {
        var slot = Self.hash(entries[index].key) & (slots.count - 1)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = UInt16(truncatingIfNeeded: index + 1)
    }

    /// Source: Fowler, Noll and Vo, "FNV-1a".
    @inline(__always)
    private static func hash(_ key: String) -> Int {
        let bytes = key.utf8.span
        var hash: UInt32 = 2_166_136_261
        for place in bytes.indices { hash = (hash ^ UInt32(bytes[place])) &* 16_777_619 }
        return Int(hash ^ hash >> 15)
    }
}
