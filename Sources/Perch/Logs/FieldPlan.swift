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
    private let known = Mutex<[String: FieldPlan]>([:])

    init(options: LogOptions) {
        self.options = options
    }

    /// All that are known, taken once a line.
    var all: [String: FieldPlan] { known.withLock { $0 } }

    /// The plan of a field that is not known yet.
    func plan(of key: String) -> FieldPlan {
        let name = options.fields.name(of: key)
        let plan = FieldPlan(
            name: name, written: LogJSON.written(name, options.fields),
            isDenied: options.redaction.isDenied(key))
        known.withLock { known in
            if known.count < Self.countMax { known[key] = plan }
        }
        return plan
    }
}
