import PerchLogQL
import PerchModel
import PerchTestSupport
import Testing

/// Generated data and queries: the engine agrees with the plainest evaluation (LOG-22).
@Suite("LogQL is answered as an oracle answers it")
struct LogQLOracleTests {
    /// Data, as the store has it and as the oracle has it.
    struct World {
        let store: LogQLStore
        var oracle = LogQLOracle(events: [])
        var random: RandomEvents

        init(seed: Int) async throws {
            random = RandomEvents(seed: UInt64(seed))
            // A list, or the real store with rows in its head and in segments.
            store = try await LogQLStore(isReal: seed % 2 == 0)
            for _ in 0..<random.int(1..<4) {
                try await add()
                if random.int(0..<2) == 0 { try await store.flush() }
            }
        }

        private mutating func pick<Value>(_ values: [Value]) -> Value {
            values[random.int(0..<values.count)]
        }

        private mutating func add() async throws {
            var builder = EventBatchBuilder(dataset: .logs)
            var senders: [(UInt32, [String: String])] = []
            for _ in 0..<random.int(1..<4) {
                var attributes: [Resource.Attribute] = []
                var labels = ["service_name": "unknown_service"]
                let service = pick(["api", "web", "", "unknown_service"])
                if random.int(0..<4) > 0 {
                    attributes.append(.init(key: "service.name", value: .string(service)))
                    labels["service_name"] = service.isEmpty ? "unknown_service" : service
                }
                if random.int(0..<2) == 0 {
                    let region = pick(["eu", "us", "42"])
                    attributes.append(.init(key: "region", value: .string(region)))
                    labels["region"] = region
                }
                senders.append((builder.intern(Resource(attributes)), labels))
            }
            for _ in 0..<random.int(1..<60) {
                let (sender, labels) = pick(senders)
                var event = OracleEvent(
                    time: Int64(random.int(0..<1000)), weight: 1, stream: labels, fields: [:],
                    line: "")
                builder.beginRow(timeNanos: event.time, resource: sender)
                fill(&event, &builder)
                oracle.events.append(event)
            }
            var batch = builder.batch
            if random.int(0..<2) == 0 {
                for index in batch.columns.indices {
                    batch.columns[index] = batch.columns[index].dictionary()
                }
            }
            try await store.append(batch)
        }

        private mutating func fill(_ event: inout OracleEvent, _ builder: inout EventBatchBuilder) {
            event.stream["detected_level"] = "unknown"
            if random.int(0..<3) > 0 {
                let (number, name) = pick([
                    (9, "info"), (17, "error"), (13, "warn"), (0, "unknown"),
                ])
                builder.set(.record, RecordField.severityNumber, int: Int64(number))
                event.stream["detected_level"] = name
            }
            if random.int(0..<6) > 0 {
                event.line = pick(["GET /a", "POST /b failed", "", "timeout é", "GET", "time"])
                builder.set(.record, RecordField.body, .string(event.line))
            }
            if random.int(0..<3) > 0 {
                let value: FieldValue = pick([
                    .int(5), .int(-3), .double(2.5), .string("7"), .string(""), .double(0.25),
                ])
                builder.set(.attribute, "took.ms", value)
                event.fields["took_ms"] = value.text
            }
            if random.int(0..<3) > 0 {
                let value = pick(["a", "b", "", "42", "5"])
                builder.set(.attribute, "user", .string(value))
                event.fields["user"] = value
            }
            if random.int(0..<8) == 0 {
                let weight = random.int(2..<5)
                builder.set(.record, RecordField.weight, int: Int64(weight))
                event.weight = Double(weight)
            }
        }

        mutating func query() -> OracleQuery {
            var conditions: [OracleQuery.Condition] = []
            for _ in 0..<random.int(0..<3) { conditions.append(condition()) }
            let plain = ["rate", "count_over_time", "bytes_rate", "bytes_over_time"]
            let unwrapped = [
                "sum_over_time", "rate", "avg_over_time", "min_over_time", "max_over_time",
                "stdvar_over_time", "stddev_over_time", "first_over_time", "last_over_time",
                "quantile_over_time",
            ]
            let isPlain = random.int(0..<2) == 0
            let function = pick(isPlain ? plain : unwrapped)
            let takesGrouping =
                !plain.contains(function) && function != "sum_over_time"
            let outer: String? = pick(["sum", "sum", "max", "min", "count", "avg", nil])
            var labels: [String]? = pick([
                ["service_name"], ["detected_level", "user"], ["region", "took_ms"], [], nil,
                ["user"],
            ])
            let isWithout = random.int(0..<4) == 0
            if outer == nil, !takesGrouping { labels = nil }
            return OracleQuery(
                conditions: conditions, function: function,
                parameter: function == "quantile_over_time" ? pick([0, 0.5, 0.95, 1]) : nil,
                unwrap: isPlain ? nil : pick(["took_ms", "user", "region", "nothing"]),
                range: Int64(pick([1, 100, 250, 1000, 40])), offset: Int64(pick([0, 0, 50, -30])),
                labels: labels, isWithout: labels != nil && isWithout, outer: outer)
        }

        private mutating func condition() -> OracleQuery.Condition {
            switch random.int(0..<3) {
            case 0:
                return .contains(
                    pick(["GET", "time", "é", "x", "/b f"]), isNegative: random.int(0..<2) == 0)
            case 1:
                let label = pick(["user", "service_name", "detected_level", "region", "nothing"])
                let value = pick([
                    "a", "", "api", "error", "unknown", "eu", "42", "unknown_service",
                ])
                return .equals(label, value, isNegative: random.int(0..<2) == 0)
            default:
                return .number(
                    pick(["took_ms", "user", "region"]), pick([">", ">=", "<", "<=", "==", "!="]),
                    pick([5, 2.5, 42, 0]))
            }
        }
    }

    private static func answer(
        _ world: World, _ query: OracleQuery, _ times: LogQLTimes
    ) async throws -> SeriesTable {
        let engine = LogQLEngine(source: world.store.source, options: LogQLOptions())
        let expression = try LogQLParser.parse(query.text)
        switch try await engine.evaluate(expression, times).result {
        case .matrix(let table, _), .vector(let table, _): return table
        default: throw LogQLFailure.badRequest("no numbers")
        }
    }

    @Test(arguments: 0..<40)
    func metrics(seed: Int) async throws {
        for round in 0..<4 {
            var world = try await World(seed: seed * 10 + round)
            for _ in 0..<20 {
                let query = world.query()
                let step = Int64([40, 100, 250, 333][world.random.int(0..<4)])
                let isInstant = world.random.int(0..<3) == 0
                let start = Int64(world.random.int(-100..<900))
                let times: LogQLTimes =
                    isInstant ? .instant(start) : .range(start, start + 700, step: step)
                let points =
                    isInstant
                    ? [start] : Array(stride(from: start, through: start + 700, by: Int(step)))
                let wanted = points.map { world.oracle.series(query, at: $0) }
                guard !wanted.contains(where: { $0 == nil }) else {
                    await #expect(throws: LogQLFailure.self) { () async throws in
                        _ = try await Self.answer(world, query, times)
                    }
                    continue
                }
                let table = try await Self.answer(world, query, times)
                for (step, series) in wanted.enumerated() {
                    var found: [[String: String]: Double] = [:]
                    for index in 0..<table.count
                    where !SeriesTable.isAbsent(table.value(index, step)) {
                        let labels = Dictionary(
                            uniqueKeysWithValues: table.labels(index).pairs.map {
                                ($0.name, $0.value)
                            })
                        found[labels] = table.value(index, step)
                    }
                    Self.compare(found, series ?? [:], query, points[step])
                }
            }
        }
    }

    private static func compare(
        _ found: [[String: String]: Double], _ wanted: [[String: String]: Double],
        _ query: OracleQuery, _ time: Int64
    ) {
        #expect(Set(found.keys) == Set(wanted.keys), "\(query.text) at \(time)")
        for (labels, value) in wanted {
            guard let other = found[labels] else { continue }
            let isClose =
                abs(other - value) <= 1e-9 * max(1, abs(value)) || other.isNaN && value.isNaN
            #expect(isClose, "\(query.text) at \(time): \(labels) is \(other), not \(value)")
        }
    }

    @Test(arguments: 0..<40)
    func lines(seed: Int) async throws {
        var world = try await World(seed: 1000 + seed)
        for _ in 0..<20 {
            var query = world.query()
            query.function = "count_over_time"
            query.unwrap = nil
            let text = query.text
            let selector = text[
                (text.firstIndex(of: "{") ?? text.startIndex)..<(text.lastIndex(of: "[")
                    ?? text.endIndex)]
            var options = LogQLOptions()
            options.limit = world.random.int(1..<80)
            options.isNewestFirst = world.random.int(0..<2) == 0
            let start = Int64(world.random.int(0..<500))
            let end = start + Int64(world.random.int(1..<600))
            let engine = LogQLEngine(source: world.store.source, options: options)
            let result = try await engine.evaluate(
                LogQLParser.parse(String(selector)), .range(start, end, step: 1)
            ).result
            guard case .streams(let streams) = result else { continue }
            query.range = end - start
            query.offset = 0
            let all = world.oracle.matching(query, at: end - 1).map(\.time).sorted()
            let wanted =
                options.isNewestFirst
                ? Array(all.reversed().prefix(options.limit)) : Array(all.prefix(options.limit))
            let found = streams.flatMap(\.entries).map(\.nanos).sorted()
            #expect(found == wanted.sorted(), "\(selector)")
        }
    }
}

extension LogQLOracle {
    /// The events that a query counts at a time.
    func matching(_ query: OracleQuery, at time: Int64) -> [OracleEvent] {
        var query = query
        query.labels = nil
        query.outer = nil
        return events.filter { event in
            !(LogQLOracle(events: [event]).series(query, at: time) ?? [:]).isEmpty
        }
    }
}
