import Foundation
import Instrumentation
import Logging
import Testing
import Tracing

@testable import Perch

/// Made-up people, by Faker, seeded; nil where it is not installed.
private struct Corpus: Decodable {
    struct Found: Decodable {
        var kind: String
        var value: String
        var text: String
    }

    struct Hidden: Decodable {
        var field: String
        var value: String
    }

    var found: [Found]
    var hidden: [Hidden]
    var harmless: [String]

    static let made: Corpus? = {
        let process = Process()
        process.executableURL = DecoderTests.python
        process.arguments = [DecoderTests.root.appending(path: "Scripts/corpus.py").path()]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil,
            let text = try? output.fileHandleForReading.readToEnd()
        else { return nil }
        process.waitUntilExit()
        return try? JSONDecoder().decode(Corpus.self, from: text)
    }()
}

/// How much of what people are is found, and how much else is masked (RED-1 to RED-8, GDPR-3).
@Suite(.enabled(if: Corpus.made != nil, "no Faker in .venv-tests"))
struct CorpusTests: Exporting {
    private struct Refused: Error, CustomStringConvertible {
        var description: String
    }

    /// What is promised of each kind, in free text.
    ///
    /// Phone numbers of ten digits without a mark are
    /// like any other number, so those are not found.
    private static let recall: [String: Double] = [
        "email": 1, "card": 1, "iban": 1, "token": 1, "ssn": 1, "phone_abroad": 1,
        "phone_us": 0.85,
    ]

    @Test("RED-2, RED-8: recall by kind is what the page says")
    func recall() throws {
        let corpus = try #require(Corpus.made)
        let redaction = Redaction()
        let kinds = Dictionary(grouping: corpus.found, by: \.kind)
        #expect(Set(kinds.keys) == Set(Self.recall.keys))
        for (kind, samples) in kinds {
            let missed = samples.filter { sample in
                (redaction.masked(sample.text) ?? sample.text).contains(sample.value)
            }
            let recall = 1 - Double(missed.count) / Double(samples.count)
            #expect(
                recall >= Self.recall[kind] ?? 1, "\(kind): \(recall), \(missed.prefix(3))")
        }
    }

    @Test("Precision: of harmless texts at most two in a hundred are masked")
    func precision() throws {
        let corpus = try #require(Corpus.made)
        let redaction = Redaction()
        let masked = corpus.harmless.compactMap { text in redaction.masked(text).map { (text, $0) }
        }
        #expect(Double(masked.count) <= 0.02 * Double(corpus.harmless.count), "\(masked)")
    }

    /// Fields that the application denies since only their names tell what they hold.
    private static func deny(_ options: inout PerchOptions) {
        options.logs.redaction.deniedFields.formUnion([
            "customer_name", "shipping_address", "birth_date",
        ])
    }

    private func tell(_ corpus: Corpus, to service: PerchService) {
        let logger = service.logger("people")
        for person in corpus.found where Self.recall[person.kind] == 1 {
            logger.info("\(person.text)", metadata: ["note": .string(person.text)])
            logger.error(
                "refused", error: Refused(description: person.text),
                metadata: ["list": [.string(person.value), ["deep": .string(person.text)]]])
            service.tracer.withSpan(person.text, context: .topLevel) { span in
                span.attributes["note"] = person.text
                span.addEvent(SpanEvent(name: person.text, attributes: ["to": "\(person.value)"]))
                span.setStatus(SpanStatus(code: .error, message: person.text))
                span.recordError(Refused(description: person.text))
            }
        }
        for secret in corpus.hidden {
            logger.info("x", metadata: [secret.field: .string(secret.value)])
            service.tracer.withSpan("y", context: .topLevel) { span in
                span.attributes[secret.field] = secret.value
            }
        }
        // A report each would take long; as many as differ in kind do.
        let kinds = Dictionary(grouping: corpus.found, by: \.kind)
        for (kind, people) in kinds where Self.recall[kind] == 1 {
            for person in people.prefix(6) {
                Perch.withScope { scope in
                    scope.tags["note"] = person.text
                    scope.extras["who"] = .string(person.value)
                } _: {
                    _ = service.errors.capture(Refused(description: person.text))
                }
            }
        }
    }

    @Test("GDPR-3: nothing of the corpus is in a line, an OTLP request or an envelope")
    func exports() async throws {
        let corpus = try #require(Corpus.made)
        let lines = Lines()
        let (collector, server) = (Collector(), EnvelopeServer())
        try await collector.serve { address in
            try await server.serve { dsn in
                let service = service(address, lines) { options in
                    Self.deny(&options)
                    options.errors.dsn = SentryDSN(dsn)
                    options.errors.waitingMax = 1000
                    options.errors.crashes.isOn = false
                }
                try await run(service) { tell(corpus, to: service) }
                #expect(service.droppedCount == 0)
            }
        }
        let signals = Set(collector.received.map(\.path))
        #expect(signals == ["/v1/logs", "/v1/traces", "/v1/metrics"])
        #expect(server.items("event").count == 36)
        let all =
            lines.text
            + collector.received.map { String(decoding: $0.body, as: UTF8.self) }.joined()
            + server.all.map(\.text).joined()
        #expect(all.contains(Redaction.mask))
        let values =
            corpus.found.filter { Self.recall[$0.kind] == 1 }.map(\.value)
            + corpus.hidden.map(\.value)
        // As a text of C, whose search is quick: zeros would end it.
        let text = Array(all.utf8).map { $0 == 0 ? 1 : CChar(bitPattern: $0) } + [0]
        let leaked = values.filter { value in
            // Safe: both texts end with a zero and live for the call.
            unsafe text.withUnsafeBufferPointer { text in
                guard let start = text.baseAddress else { return false }
                return unsafe strstr(start, value) != nil
            }
        }
        #expect(leaked == [])
    }
}
