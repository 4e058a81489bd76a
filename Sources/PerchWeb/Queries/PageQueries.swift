package import PerchModel

/// What pages ask the stores.
///
/// Each answer is bounded by ``Limits`` and carries notices that say when a bound was reached.
package struct PageQueries: Sendable {
    let events: any EventSource
    let samples: any SampleSource

    package init(events: any EventSource, samples: any SampleSource) {
        self.events = events
        self.samples = samples
    }

    /// The names of services that sent spans or logs in the range, newest first looked through.
    package func serviceNames(_ range: TimeRange) async throws(StoreFailure) -> [String] {
        var names: Set<String> = []
        for dataset in Dataset.allCases {
            var query = EventQuery(dataset: dataset, times: range.nanos)
            query.projection = .fields([])
            query.limit = Limits.tracesScanMax
            var cursor = events.read(query)
            while let batch = try await cursor.next() {
                for resource in batch.resources { names.insert(resource.service) }
            }
        }
        return names.sorted()
    }
}

/// All predicates at once, without needless nesting.
func both(_ parts: [EventPredicate]) -> EventPredicate {
    let parts = parts.filter { $0 != .all }
    if parts.isEmpty { return .all }
    return parts.count == 1 ? parts[0] : .and(parts)
}

/// Rows of one service, by the name that pages show for it.
func ofService(_ name: String) -> EventPredicate {
    let reference = FieldReference("service.name", space: .resource)
    guard name == "unknown_service" else { return .equals(reference, name) }
    return .or([.equals(reference, name), .not(.exists(reference))])
}
