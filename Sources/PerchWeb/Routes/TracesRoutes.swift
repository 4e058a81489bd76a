import Hummingbird
import PerchLogQL
import PerchModel

extension WebRoutes {
    /// The pages of traces.
    func addTracesPages(to router: some RouterMethods<Context>) {
        router.get("/traces") { request, context in
            await reading(request, context) { frame, parameters throws(StoreFailure) in
                try await traces(TracesState(parameters, now: frame.nowNanos), frame.nowNanos)
                    .html(frame)
            }
        }
        router.get("/traces/complete") { request, context in
            await completion(request, context, .spans)
        }
        router.get("/traces/funnel") { request, context in
            await reading(request, context) { frame, parameters throws(StoreFailure) in
                try await funnel(FunnelState(parameters, now: frame.nowNanos), frame.nowNanos)
                    .html(frame)
            }
        }
        router.get("/trace/{id}") { request, context in
            let id = segment("id", context)
            let missing =
                "No span and no log record carries the trace id \(cut(id, 64)). Spans are sent "
                + "some seconds after they end; a trace may also have been left out by sampling."
            return await reading(request, context, missing: missing) {
                frame, parameters throws(StoreFailure) in
                guard let trace = try await queries.trace(id) else { return nil }
                let usual = try await queries.usualDurations(trace.spans, upTo: trace.startNanos)
                return TracePage(trace: trace, state: TraceState(parameters), usual: usual)
                    .html(frame)
            }
        }
        router.get("/trace/{id}/span/{span}") { request, context in
            let trace = segment("id", context)
            let span = segment("span", context)
            return await reading(request, context) { frame, _ throws(StoreFailure) in
                try await queries.span(span, ofTrace: trace).map { $0.html(frame) }
            }
        }
    }

    private func traces(
        _ state: TracesState, _ now: Int64
    ) async throws(StoreFailure) -> TracesPage {
        let services = try await cached.serviceNames(state.range)
        let saved = await savedSearches().filter { $0.address.hasPrefix("/traces") }
        let filter: TraceFilter
        do throws(SearchFailure) {
            filter = try state.filter(now: now)
        } catch {
            return TracesPage(
                state: state, services: services, list: nil, failure: error, saved: saved)
        }
        let list = try await queries.traces(
            filter, state.range, slowestFirst: state.order == .slowest)
        return TracesPage(state: state, services: services, list: list, saved: saved)
    }

    private func funnel(
        _ state: FunnelState, _ now: Int64
    ) async throws(StoreFailure) -> TracesFunnelPage {
        let predicates: [EventPredicate]
        do throws(SearchFailure) {
            predicates = try state.predicates(now: now)
        } catch {
            return TracesFunnelPage(state: state, funnel: nil, failure: error)
        }
        guard predicates.count > 1 else { return TracesFunnelPage(state: state, funnel: nil) }
        return TracesFunnelPage(
            state: state, funnel: try await queries.funnel(predicates, state.range))
    }
}
