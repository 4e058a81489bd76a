import HTTPTypes
package import Hummingbird
package import PerchModel
import PerchPromQL

/// What administrators ask of the samples: deletion, copies and compaction.
///
/// Source: Prometheus, "HTTP API", TSDB admin APIs.
package struct PrometheusAdminRoutes: Sendable {
    /// What the routes need of the store.
    package struct Hooks: Sendable {
        /// Hides the samples of series that fit a selector, at once and for good.
        package var delete:
            @Sendable ([[LabelMatcher]], ClosedRange<Int64>) async throws(StoreFailure) -> Void
        /// Makes a copy of all samples, or only of those in files, and answers its name.
        package var snapshot: @Sendable (_ skipsHead: Bool) async throws(StoreFailure) -> String
        /// Merges files and drops what was deleted.
        package var compact: @Sendable () async throws(StoreFailure) -> Void

        package init(
            delete:
                @escaping @Sendable ([[LabelMatcher]], ClosedRange<Int64>)
                async throws(StoreFailure) -> Void,
            snapshot:
                @escaping @Sendable (_ skipsHead: Bool) async throws(StoreFailure) -> String,
            compact: @escaping @Sendable () async throws(StoreFailure) -> Void
        ) {
            self.delete = delete
            self.snapshot = snapshot
            self.compact = compact
        }
    }

    private let hooks: Hooks

    package init(hooks: Hooks) {
        self.hooks = hooks
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        router.post("-/compact") { _, _ in try await compact() }
        for method in [HTTPRequest.Method.post, .put] {
            router.on("api/v1/admin/tsdb/delete_series", method: method) { request, _ in
                let parameters = try await PrometheusParameters(request)
                let selectors = try parameters.selectors()
                guard !selectors.isEmpty else {
                    throw PrometheusFailure(.badData, "no match[] parameter provided")
                }
                do {
                    try await hooks.delete(selectors, try parameters.times())
                } catch let failure as StoreFailure {
                    throw PrometheusFailure(store: failure)
                }
                return Response(status: .noContent)
            }
            router.on("api/v1/admin/tsdb/snapshot", method: method) { request, _ in
                try await snapshot(try await PrometheusParameters(request))
            }
            router.on("api/v1/admin/tsdb/clean_tombstones", method: method) { _, _ in
                try await compact()
            }
        }
    }

    private func snapshot(_ parameters: PrometheusParameters) async throws -> Response {
        let text = parameters["skip_head"] ?? ""
        guard
            let skipsHead = ["": false, "false": false, "0": false, "true": true, "1": true][text]
        else {
            throw PrometheusFailure(
                .badData,
                "invalid parameter \"skip_head\": unable to parse boolean: strconv.ParseBool: "
                    + "parsing \(GoText.quote(text)): invalid syntax")
        }
        let name: String
        do {
            name = try await hooks.snapshot(skipsHead)
        } catch {
            throw PrometheusFailure(store: error)
        }
        return PrometheusAnswer { text in
            text.json("{\"name\":")
            text.jsonString(name)
            text.json("}")
        }.response()
    }

    private func compact() async throws -> Response {
        do {
            try await hooks.compact()
        } catch {
            throw PrometheusFailure(store: error)
        }
        return Response(status: .noContent)
    }
}
