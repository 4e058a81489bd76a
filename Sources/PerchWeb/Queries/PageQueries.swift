package import PerchModel
package import PerchPromQL

/// What pages ask the stores.
///
/// Each answer is bounded by ``Limits`` and carries notices that say when a bound was reached.
package struct PageQueries: Sendable {
    let events: any EventSource
    let samples: any SampleSource
    let documents: (any PageStore)?
    let answers: MetricAnswers

    /// `documents` knows the deploys; `options` bounds questions in PromQL.
    package init(
        events: any EventSource, samples: any SampleSource, documents: (any PageStore)? = nil,
        options: @escaping @Sendable () -> QueryOptions = { QueryOptions() }
    ) {
        self.events = events
        self.samples = samples
        self.documents = documents
        answers = MetricAnswers(samples: samples, options: options)
    }

    /// Deploys within the range, the newest first.
    ///
    /// Charts and lists do without them when the catalog does not answer.
    package func deploys(_ times: Range<Int64>, service: String? = nil) async -> [Deploy] {
        (try? await documents?.deploys(
            service: service, times: times, limit: Limits.deploysMax)) ?? []
    }

    /// The names of services that sent spans or logs in the range.
    package func serviceNames(_ range: TimeRange) async throws(StoreFailure) -> [String] {
        try await servicesSeen(range).keys.sorted()
    }

    /// Services that sent spans or logs in the range, each with the newest time seen.
    ///
    /// The range is looked through part by part, a bounded number of rows in each: one loud service
    /// does not hide those that spoke earlier.
    func servicesSeen(_ range: TimeRange) async throws(StoreFailure) -> [String: Int64] {
        var seen: [String: Int64] = [:]
        for dataset in Dataset.allCases {
            let slices = range.slices(Limits.serviceSlices)
            for slice in slices {
                var query = EventQuery(dataset: dataset, times: slice)
                query.projection = .fields([])
                query.limit =
                    slice == slices.last
                    ? Limits.serviceRowsNewest : Limits.serviceRowsPerSlice
                var cursor = events.read(query)
                while let batch = try await cursor.next() {
                    let names = batch.resources.map(\.service)
                    for row in 0..<batch.rowCount {
                        let name = names[Int(batch.resourceIndexes[row])]
                        seen[name] = max(seen[name] ?? .min, batch.times[row])
                    }
                }
            }
        }
        return seen
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
