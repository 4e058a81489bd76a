import Hummingbird
import PerchLogQL
import PerchModel

extension WebRoutes {
    /// Pages that show data.
    func addDataPages(to router: some RouterMethods<Context>) {
        router.get("/") { request, context in
            await reading(request, context) { frame, parameters throws(StoreFailure) in
                let range = TimeRange(parameters, now: frame.nowNanos)
                let overview = try await cached.overview(range)
                return HomePage(range: range, overview: overview).html(frame)
            }
        }
        router.get("/services/{name}") { request, context in
            let name = segment("name", context)
            return await reading(request, context) { frame, parameters throws(StoreFailure) in
                let range = TimeRange(parameters, now: frame.nowNanos)
                let detail = try await queries.service(
                    name, range, overview: try await cached.overview(range))
                return ServicePage(range: range, detail: detail).html(frame)
            }
        }
        router.get("/map") { request, context in
            await reading(request, context) { frame, parameters throws(StoreFailure) in
                let range = TimeRange(parameters, now: frame.nowNanos)
                let calls = try await queries.calls(range.nanos.upperBound, Int64(range.seconds))
                return MapPage(
                    range: range, calls: calls,
                    overview: try await cached.overview(range)
                ).html(frame)
            }
        }
        router.get("/cardinality") { request, context in
            await reading(request, context) { frame, _ throws(StoreFailure) in
                let cardinality = await labels.cardinality(limit: Limits.cardinalityRowsMax)
                return CardinalityPage(cardinality: cardinality).html(frame)
            }
        }
        router.get("/explore") { request, context in
            await reading(request, context) { frame, parameters throws(StoreFailure) in
                try await metrics(MetricsState(parameters, now: frame.nowNanos)).html(frame)
            }
        }
    }

    private func metrics(_ state: MetricsState) async throws(StoreFailure) -> MetricsPage {
        guard !state.queries.isEmpty else {
            return MetricsPage(
                state: state, list: try await queries.metrics(state.range), exploration: nil)
        }
        let exploration = try await queries.explore(state, clock: now)
        return MetricsPage(state: state, list: MetricList(), exploration: exploration)
    }
}
