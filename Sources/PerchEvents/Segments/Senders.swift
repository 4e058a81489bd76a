import PerchBytes
import PerchModel
import Synchronization

/// Who sent the rows of a block, whatever their order; blocks of a segment mostly share one.
final class Senders: Sendable {
    /// By their bytes: texts that Unicode takes for the same may differ in a condition.
    private let byBytes: [[UInt8]: Resource]
    /// Of their attributes.
    let names: Set<String>

    init(_ resources: [Resource]) {
        byBytes = Dictionary(resources.map { ($0.bytes, $0) }) { first, _ in first }
        names = Set(byBytes.values.lazy.flatMap { $0.attributes.lazy.map(\.key) })
    }

    var all: some Collection<Resource> { byBytes.values }

    /// What is the same for the same senders.
    var key: Set<[UInt8]> { Set(byBytes.keys) }

    /// The same resource as it stands here, so that it is in memory once.
    func known(_ resource: Resource) -> Resource { byBytes[resource.bytes] ?? resource }
}

extension Resource {
    /// Different for all that conditions tell apart.
    fileprivate var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for attribute in attributes {
            ByteWriter.appendString(attribute.key, to: &bytes)
            bytes.append(attribute.value.kind.rawValue)
            ByteWriter.appendString(attribute.value.text, to: &bytes)
        }
        return bytes
    }
}

/// The predicate of a query, for blocks of the same senders found once.
final class SenderPredicate: Sendable {
    private let predicate: EventPredicate
    private let known = Mutex<[(senders: Senders, predicate: EventPredicate)]>([])

    init(_ predicate: EventPredicate) {
        self.predicate = predicate
    }

    /// What is left of the predicate for rows of some senders.
    func folded(for senders: Senders) -> EventPredicate {
        let found = known.withLock { known in
            known.first { $0.senders === senders }?.predicate
        }
        if let found { return found }
        let folded = predicate.folded(for: senders)
        known.withLock { known in
            if known.count < Limits.knownSendersMax { known.append((senders, folded)) }
        }
        return folded
    }
}

extension EventPredicate {
    /// What is left of this for rows of some senders: conditions on senders alone that hold for all
    /// of them, or for none, are gone.
    func folded(for senders: Senders) -> EventPredicate {
        folded { part in
            guard part.field?.space == .resource, let (field, test) = part.condition else {
                return nil
            }
            let verdicts = senders.all.map { $0[field.name].map(test.holds) ?? false }
            guard verdicts.contains(true) else { return false }
            return verdicts.contains(false) ? nil : true
        }
    }
}
