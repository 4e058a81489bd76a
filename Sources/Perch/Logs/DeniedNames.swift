import Synchronization

/// Which names of fields are denied, worked out once each: names of attributes are few.
final class DeniedNames: Sendable {
    private static let countMax = 1024

    private let known = Mutex(FieldTable())
    private static let denied = FieldPlan(name: "", isDenied: true)
    private static let allowed = FieldPlan(name: "")

    /// Nil for a name that was not seen.
    func isDenied(_ name: String) -> Bool? { known.withLock { $0[name]?.isDenied } }

    /// Remembers what was found, and answers it.
    func add(_ name: String, _ isDenied: Bool) -> Bool {
        known.withLock { known in
            if known.count < Self.countMax {
                known.add(name, isDenied ? Self.denied : Self.allowed)
            }
        }
        return isDenied
    }
}
