import HTTPTypes
package import Hummingbird
import NIOCore
import PerchLogQL
package import PerchModel

/// Searches with their questions, and what a search box needs to help whoever types.
///
/// `/api/v1/search`: the answer to a search. `/api/v1/search/fields`: which fields there are.
/// `/api/v1/search/values`: the values of a field. Page: docs/search.md.
package struct SearchRoutes: Sendable {
    private let events: any EventSource
    private let now: @Sendable () -> Int64

    /// `now` answers nanoseconds since 1970.
    package init(events: any EventSource, now: @escaping @Sendable () -> Int64) {
        self.events = events
        self.now = now
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        for method in [HTTPRequest.Method.get, .post] {
            router.on("api/v1/search", method: method) { request, _ in
                try await answer(request)
            }
        }
        router.get("api/v1/search/fields") { request, _ in try await fields(request) }
        router.get("api/v1/search/values") { request, _ in try await values(request) }
    }

    // MARK: Answers

    private func answer(_ request: Request) async throws -> Response {
        let parameters = try await SearchParameters(request, now: now())
        let format = parameters["format"] ?? "json"
        guard ["json", "csv"].contains(format) else {
            throw Problem(.badRequest, "format: expected json or csv")
        }
        let dataset = try parameters.dataset()
        let answer = try await run(
            try parameters.query(), dataset, try parameters.times(), try parameters.limit())
        return format == "csv"
            ? SearchCSV.response(answer, dataset) : SearchJSON.response(answer)
    }

    private func run(
        _ query: SearchQuery, _ dataset: Dataset, _ times: Range<Int64>, _ limit: Int
    ) async throws -> SearchAnswer {
        do throws(QueryFailure) {
            return try await SearchRunner(source: events, dataset: dataset)
                .answer(query, times: times, limit: limit)
        } catch .store(let failure) {
            throw failure
        } catch .tooMuch(let message) {
            throw Problem(.unprocessableContent, message)
        }
    }

    // MARK: What helps whoever types

    /// The fields there are, with how many of the newest rows of the search have each.
    private func fields(_ request: Request) async throws -> Response {
        let parameters = try await SearchParameters(request, now: now())
        let dataset = try parameters.dataset()
        let search = try parameters.search()
        let times = search.clamped(try parameters.times())
        let limit = try parameters.limit()
        let known = try await events.fields(of: dataset, times: times)
        var query = EventQuery(dataset: dataset, times: times)
        query.predicate = search.predicate
        query.limit = Limits.countedRowsMax
        var cursor = events.read(query)
        var counts: [FieldReference: Int64] = [:]
        var rowCount: Int64 = 0
        while let batch = try await cursor.next() {
            rowCount += batch.totalWeight
            Self.count(batch, &counts)
        }
        let prefix = parameters["prefix"] ?? ""
        let shown = known.filter { $0.name.hasPrefix(prefix) }.map { field in
            (field, counts[FieldReference(field.name, space: field.space)] ?? 0)
        }.sorted { ($1.1, $0.0.name) < ($0.1, $1.0.name) }
        return SearchJSON.response(fields: Array(shown.prefix(limit)), of: rowCount)
    }

    private static func count(_ batch: EventBatch, _ counts: inout [FieldReference: Int64]) {
        let weights = batch.weights
        for column in batch.columns {
            let rows = column.rows.reduce(Int64(0)) { $0 + (weights?[Int($1)] ?? 1) }
            counts[FieldReference(column.name, space: column.space), default: 0] += rows
        }
        var byResource = [Int64](repeating: 0, count: batch.resources.count)
        for row in batch.resourceIndexes.indices {
            byResource[Int(batch.resourceIndexes[row])] += weights?[row] ?? 1
        }
        for (resource, rows) in zip(batch.resources, byResource) {
            for attribute in resource.attributes {
                counts[FieldReference(attribute.key, space: .resource), default: 0] += rows
            }
        }
    }

    /// The most frequent values of a field among the rows of the search.
    private func values(_ request: Request) async throws -> Response {
        let parameters = try await SearchParameters(request, now: now())
        guard let field = parameters["field"], !field.isEmpty else {
            throw Problem(.badRequest, "field: expected the name of a field")
        }
        let limit = try parameters.limit(default: 20)
        let name = SearchText.name(field)
        var query = SearchQuery.top(field, limit, of: try parameters.search())
        if let prefix = parameters["prefix"], !prefix.isEmpty {
            query.search.predicate = .and([
                query.search.predicate,
                try SearchParser.parse("\(name)~\(SearchText.quotedPrefix(prefix))"),
            ])
        }
        return SearchJSON.response(
            try await run(query, try parameters.dataset(), try parameters.times(), limit))
    }
}
