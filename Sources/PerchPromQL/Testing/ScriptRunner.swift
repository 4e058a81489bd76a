import PerchModel

/// How a script went.
package struct ScriptReport: Sendable {
    /// A case that was not met, or a line that could not be read.
    package struct Failure: Sendable {
        /// From 1.
        package var line: Int
        package var message: String
    }

    package var passedCount = 0
    package var failures: [Failure] = []
}

/// Runs scripts in Prometheus' `.test` format: they load samples, ask, and say what must come out.
package struct ScriptRunner {
    private let store = ScriptStore()
    private let engine: QueryEngine
    private var report = ScriptReport()

    private init() {
        var options = QueryOptions()
        options.samplesMax = 10_000
        engine = QueryEngine(source: store, options: options)
    }

    /// Runs all commands of a script; those after a line that cannot be read are left out.
    package static func run(_ text: String) async -> ScriptReport {
        var runner = ScriptRunner()
        var parser = ScriptParser(text)
        do {
            while let command = try parser.next() { await runner.carryOut(command) }
        } catch {
            runner.report.failures.append(.init(line: error.line, message: error.message))
        }
        return runner.report
    }

    private mutating func carryOut(_ command: ScriptCommand) async {
        switch command {
        case .clear: store.clear()
        case .load(let load):
            var classic = ClassicHistogramLoader()
            for series in load.series {
                store.add(series, stepMillis: load.stepMillis)
                if load.addsNativeHistograms { classic.add(series.labels, series.points) }
            }
            for series in classic.series() {
                store.add(series, stepMillis: load.stepMillis)
            }
        case .evaluate(let test):
            do {
                try await check(test)
                report.passedCount += 1
            } catch {
                report.failures.append(
                    .init(line: test.line, message: "\(test.query): \(error.message)"))
            }
        }
    }

    private func check(_ test: ScriptCase) async throws(ScriptMistake) {
        try await check(test, test.query, test.times)
        guard test.times.step == nil else { return }
        for time in try Self.otherTimes(test) {
            guard let fixed = Self.fixed(test) else { break }
            try await check(test, fixed, .instant(time), context: " as \(fixed) at \(time) ms")
        }
    }

    /// Other times at which a query with fixed times must give the same.
    private static func otherTimes(_ test: ScriptCase) throws(ScriptMistake) -> [Int64] {
        let time = test.times.start
        return time == 0 ? [-1_000, 0, 1_000] : [-10 * time, 0, time / 5, time, 10 * time]
    }

    private func check(
        _ test: ScriptCase, _ query: String, _ times: QueryTimes, context: String = ""
    ) async throws(ScriptMistake) {
        let result: QueryResult
        do {
            result = try await engine.evaluate(query, times)
        } catch {
            guard let failure = test.failure else {
                throw ScriptMistake(message: "failed: \(error.message)\(context)")
            }
            guard failure.matches(error.message) else {
                throw ScriptMistake(
                    message: "expected error \(failure.description), got "
                        + GoText.quote(error.message) + context)
            }
            return
        }
        guard test.failure == nil else {
            throw ScriptMistake(message: "expected an error and got none\(context)")
        }
        try Self.checkRemarks(test, query, result.annotations)
        do {
            try ScriptComparison(test: test).check(result.value)
        } catch {
            throw ScriptMistake(message: error.message + context)
        }
        if times.step == nil { try await checkInRange(test, query, times, result, context) }
    }

    /// Asks again over a range around the time: its middle must be the same.
    private func checkInRange(
        _ test: ScriptCase, _ query: String, _ times: QueryTimes, _ result: QueryResult,
        _ context: String
    ) async throws(ScriptMistake) {
        let depends = ["start()", "end()", "range()", "step()"].contains { query.contains($0) }
        guard test.vectorTimes == nil, test.string == nil, !depends else { return }
        let range = QueryTimes.range(
            times.start - 60_000, times.start + 60_000, step: 60_000)
        let context = "\(context) in range mode"
        do {
            let whole = try await engine.evaluate(query, range)
            guard !test.isOrdered, case .matrix(let series) = whole.value else { return }
            let samples = series.compactMap { $0.sample(at: times.start) }
            if case .scalar = result.value {
                try ScriptComparison(test: test).check(
                    .scalar(samples.first?.value ?? .nan, timeMillis: times.start))
            } else {
                try ScriptComparison(test: test).check(.vector(samples))
            }
        } catch let error as QueryFailure {
            throw ScriptMistake(message: "failed: \(error.message)\(context)")
        } catch let error as ScriptMistake {
            throw ScriptMistake(message: error.message + context)
        } catch {
            throw ScriptMistake(message: "\(error)\(context)")
        }
    }

    private static func checkRemarks(
        _ test: ScriptCase, _ query: String, _ annotations: Annotations
    ) throws(ScriptMistake) {
        let sides: [(Annotations.Level, [ScriptCase.Pattern], Bool)] = [
            (.warning, test.warnings, test.hasNoWarnings), (.info, test.infos, test.hasNoInfos),
        ]
        for (level, expected, isForbidden) in sides {
            let found = annotations.texts(level, query: query)
            if isForbidden, !found.isEmpty {
                throw ScriptMistake(message: "unexpected \(level.rawValue): \(found)")
            }
            guard !expected.isEmpty else { continue }
            for pattern in expected where !found.contains(where: pattern.matches) {
                throw ScriptMistake(
                    message: "expected \(level.rawValue) \(pattern.description), found \(found)")
            }
            for text in found where !expected.contains(where: { $0.matches(text) }) {
                throw ScriptMistake(message: "unexpected \(level.rawValue) \(text)")
            }
        }
    }

    /// The query with the time of evaluation fixed in all selectors; nil where it would still
    /// depend on when it is asked.
    private static func fixed(_ test: ScriptCase) -> String? {
        guard var expression = try? Parser.parse(test.query) else { return nil }
        guard !expression.usesTime else { return nil }
        expression.fix(test.times.start)
        return expression.text
    }
}

extension MatrixSeries {
    fileprivate func sample(at time: Int64) -> VectorSample? {
        if let index = times.firstIndex(of: time) {
            return VectorSample(labels: labels, timeMillis: time, value: values[index])
        }
        guard let index = histogramTimes.firstIndex(of: time) else { return nil }
        return VectorSample(
            labels: labels, timeMillis: time, value: .nan, histogram: histograms[index])
    }
}
