import PerchModel
import Synchronization

/// Who sent the rows of a block, whatever their order; blocks of a segment mostly share one.
final class Senders: Sendable {
    let all: Set<Resource>
    /// Of their attributes.
    let names: Set<String>

    init(_ resources: [Resource]) {
        all = Set(resources)
        names = Set(all.lazy.flatMap { $0.attributes.lazy.map(\.key) })
    }

    /// The same resource as it stands here, so that it is in memory once.
    func known(_ resource: Resource) -> Resource {
        all.firstIndex(of: resource).map { all[$0] } ?? resource
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
