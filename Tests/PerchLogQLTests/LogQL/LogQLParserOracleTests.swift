@testable import PerchLogQL
import PerchModel
import PerchTestSupport
import Testing

/// Lines that are written from known fields: parsers find these fields again, and what is made of
/// them is what a plain look at the known fields gives (LOG-22).
@Suite("Parsers of LogQL find what was written")
struct LogQLParserOracleTests {
    private static func format(_ seed: Int) -> ParsedWorld.Format {
        ParsedWorld.Format.allCases[seed % ParsedWorld.Format.allCases.count]
    }

    private static func series(
        _ world: ParsedWorld, _ text: String, _ time: Int64
    ) async throws -> ParsedSeries {
        let engine = LogQLEngine(source: world.store.source, options: LogQLOptions())
        let result = try await engine.evaluate(LogQLParser.parse(text), .instant(time)).result
        guard case .vector(let table, _) = result else {
            throw LogQLFailure.badRequest("no vector")
        }
        return ParsedSeries(table)
    }

    @Test("1,400 questions for numbers, with unwrap, by labels that were parsed", arguments: 0..<35)
    func numbers(seed: Int) async throws {
        var world = try await ParsedWorld(seed: seed, Self.format(seed))
        var seriesCount = 0
        for _ in 0..<40 {
            let question = ParsedQuestion(&world)
            let time = Int64(world.random.int(0..<110)) * 10
            guard let wanted = question.series(world.lines, at: time) else {
                await #expect(throws: LogQLFailure.self, "\(question.text) at \(time)") {
                    () async throws in _ = try await Self.series(world, question.text, time)
                }
                continue
            }
            let found = try await Self.series(world, question.text, time)
            #expect(
                found.isNear(wanted), "\(question.text) at \(time): \(found.difference(wanted))")
            seriesCount += wanted.values.count
        }
        // A generator that finds nothing proves nothing.
        #expect(seriesCount > 0)
        await world.store.close()
    }

    @Test("350 questions of two sides", arguments: 0..<14)
    func operations(seed: Int) async throws {
        var world = try await ParsedWorld(seed: 300 + seed, Self.format(seed))
        for _ in 0..<25 {
            var (left, right) = (ParsedQuestion(&world), ParsedQuestion(&world))
            (left.skipsErrors, right.skipsErrors) = (true, true)
            right.names = left.names
            let operation = world.pick(ParsedSeries.Operation.allCases)
            let time = Int64(world.random.int(0..<110)) * 10
            let text = "(\(left.text)) \(operation.rawValue) (\(right.text))"
            let (first, second) = (
                left.series(world.lines, at: time), right.series(world.lines, at: time)
            )
            let wanted = first?.combined(operation, second ?? ParsedSeries([:]))
            let found = try await Self.series(world, text, time)
            #expect(found.isNear(wanted ?? ParsedSeries([:])), "\(text) at \(time)")
        }
        await world.store.close()
    }

    /// All labels of the lines, not only those that a question names.
    @Test("Lines come with the labels that they were written with", arguments: 0..<28)
    func labels(seed: Int) async throws {
        let world = try await ParsedWorld(seed: 100 + seed, Self.format(seed))
        var options = LogQLOptions()
        options.limit = .max
        let query = try LogQLParser.parse("{app=\"shop\"} \(world.stage) | __error__=\"\"")
        let result = try await LogQLEngine(source: world.store.source, options: options)
            .evaluate(query, .range(0, 2_000, step: 1)).result
        guard case .streams(let streams) = result else { throw LogQLFailure.badRequest("streams") }
        var found: [ParsedSeries.Key: Int] = [:]
        for stream in streams {
            let labels = Dictionary(uniqueKeysWithValues: stream.labels.map { ($0.name, $0.value) })
            found[ParsedSeries.Key(labels), default: 0] += stream.entries.count
        }
        var wanted: [ParsedSeries.Key: Int] = [:]
        for line in world.lines where !line.isBroken {
            let labels = line.labels(naming: Array(line.stored.keys))
            wanted[ParsedSeries.Key(labels), default: 0] += 1
        }
        #expect(found == wanted)
        await world.store.close()
    }

    /// New labels and lines, by templates and by names, counted and shown.
    @Test("Labels and lines are made anew", arguments: 0..<14)
    func formats(seed: Int) async throws {
        var world = try await ParsedWorld(seed: 200 + seed, Self.format(seed))
        for _ in 0..<10 {
            let (one, other) = (world.pick(world.names), world.pick(world.names))
            let text =
                "sum by (both, moved) (count_over_time({app=\"shop\"} \(world.stage) "
                + "| __error__=\"\" | label_format both=`<{{.\(one)}}>`, moved=\(other) "
                + "| line_format `{{.moved}} é` |= `a` [2000ns]))"
            var wanted: [ParsedSeries.Key: Double] = [:]
            for line in world.lines where !line.isBroken {
                let moved = line.label(other)
                guard moved.utf8.contains(UInt8(ascii: "a")) else { continue }
                let labels = ["both": "<\(line.label(one))>", "moved": moved]
                wanted[ParsedSeries.Key(labels), default: 0] += 1
            }
            let found = try await Self.series(world, text, 1_500)
            #expect(found.isNear(ParsedSeries(wanted)), "\(text)")
        }
        await world.store.close()
    }
}
