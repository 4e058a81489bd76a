import PerchBytes
import PerchFiles
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchEvents

/// A block in a file in memory.
struct WrittenBlock {
    let file: any ReadableFile
    let block: SegmentBlock

    init(_ batch: EventBatch, damage: ((inout [UInt8]) -> Void)? = nil) throws {
        var (bytes, block) = BlockEncoder.encode(batch, at: 0, ChunkPacker())
        damage?(&bytes)
        let files = InMemoryFiles()
        let path = FilePath.from("/block")
        let writing = try files.openForWriting(path, .existingOrNew)
        try writing.write(bytes.span, at: 0)
        writing.close()
        file = try files.openForReading(path)
        self.block = block
    }

    func answer(_ query: EventQuery) throws -> EventBatch? {
        var tally: TextTally?
        return try answer(query, &tally)
    }

    func answer(_ query: EventQuery, _ tally: inout TextTally?) throws -> EventBatch? {
        var reader = try BlockReader(file, block)
        var query = query
        query.predicate = query.predicate.folded(for: reader.directory.senders)
        swap(&reader.tally, &tally)
        defer { swap(&reader.tally, &tally) }
        return try reader.rows(of: query)
    }

    func rows(_ query: EventQuery) throws -> [EventOracle.Row] {
        try answer(query).map { EventOracle.rows($0) } ?? []
    }

    /// Whether the filter leaves a predicate open.
    func mayHold(_ predicate: EventPredicate) throws -> Bool {
        let filter = try file.read(block.filter)
        let bucketCount = filter.count / TokenFilter.bucketByteCount
        return TokenPlan(predicate).mayHold { hash in
            let start = TokenFilter.bucket(of: hash, bucketCount) * TokenFilter.bucketByteCount
            let bucket = filter.span.extracting(start..<start + TokenFilter.bucketByteCount)
            return TokenFilter.mayHold(hash, bucket: bucket)
        }
    }
}

/// Rows like those of a service: few patterns, ids, numbers, and whatever breaks a pattern.
struct ServiceEvents {
    var random: RandomEvents

    init(seed: Int) { random = RandomEvents(seed: UInt64(seed)) }

    private mutating func hex(_ count: Int) -> String {
        String(
            (0..<count).map { _ in "0123456789abcdef".randomElement(using: &random.generator) ?? "0"
            })
    }

    private mutating func text() -> String {
        let number = random.int(0..<2_000_000)
        return switch random.int(0..<14) {
        case 0: ""
        case 1: "user \(number) logged in"
        case 2:
            "GET /api/v1/orders/\(number)?page=00\(number % 70) 200 in \(number % 900).\(number % 10)ms"
        case 3: "job job_\(hex(16)) finished"
        case 4: "\(hex(32))"
        case 5: "Straße \(number)\u{1}\(hex(9)) end"
        case 6: "DEADBEEF\(number)00 at 0x\(hex(8))"
        case 7:
            "\(hex(8))-\(hex(4))-\(hex(4))-\(hex(12)) " + String(repeating: "9", count: number % 50)
        case 8: "connection reset by peer"
        case 9:
            String(
                (0..<random.int(0..<40)).map { _ in
                    "ab 01.,\"Zzé\u{2}".randomElement(using: &random.generator) ?? " "
                })
        case 10: "\(number)"
        case 11: "0\(number)000\(number)"
        default: "order \(number) of cart \(hex(12)) took \(number % 5000)ms"
        }
    }

    mutating func batch(rowCount: Int) -> EventBatch {
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(
            Resource([
                .init(key: "service.name", value: .string("api")),
                .init(key: "pod", value: .string("pod-\(hex(10))")),
            ]))
        var trace = Array(repeating: UInt8(1), count: 16)
        var request = "req_\(hex(24))"
        for row in 0..<rowCount {
            builder.beginRow(timeNanos: 1_000_000 + Int64(row) * 7, resource: sender)
            if random.int(0..<3) == 0 {
                trace = (0..<16).map { _ in UInt8(random.int(0..<256)) }
                request = "req_\(hex(24))"
            }
            builder.set(.record, "trace_id", .id(trace))
            builder.set(.record, "span_id", .id((0..<8).map { _ in UInt8(random.int(0..<256)) }))
            builder.set(.record, "body", .string(text()))
            builder.set(.attribute, "request_id", .string(request))
            builder.set(.attribute, "level", .string(["info", "warn", "error"][random.int(0..<3)]))
            builder.set(.attribute, "constant", .string("always the same 1234567"))
            if random.int(0..<2) == 0 { builder.set(.attribute, "note", .string(text())) }
            if random.int(0..<50) == 0 { builder.set(.attribute, "rare", .string(text())) }
            builder.set(.attribute, "ms", .double(Double(random.int(0..<100_000)) / 10))
            builder.set(.record, "observed_time", .int(1_700_000_000_000_000_000 + Int64(row)))
            if random.int(0..<4) == 0 {
                builder.set(.attribute, "note", .bytes(Array(hex(9).utf8)))
            }
            if random.int(0..<4) == 0 { builder.set(.attribute, "big", .double(1.2345678e+16)) }
        }
        return builder.batch
    }

    /// A condition on something that is there, or nearly.
    mutating func predicate(_ batch: EventBatch) -> EventPredicate {
        let name = [
            "body", "note", "request_id", "trace_id", "span_id", "rare", "level", "big", "pod",
        ][random.int(0..<9)]
        let isSender = name == "pod" && random.int(0..<2) == 0
        let field = FieldReference(name, space: isSender ? .resource : nil)
        let row = random.int(0..<batch.rowCount)
        var text = batch.value(of: field, row: row)?.text ?? self.text()
        if random.int(0..<6) == 0 { text = self.text() }
        let bytes = Array(text.utf8)
        let start = random.int(0..<bytes.count + 1)
        let end = random.int(start..<bytes.count + 1)
        var part = String(decoding: bytes[start..<end], as: UTF8.self)
        if random.int(0..<4) == 0 { part = part.uppercased() }
        switch random.int(0..<7) {
        case 0: return .equals(field, text)
        case 1: return .containsExactly(field, part)
        case 2: return .contains(field, part)
        case 3: return .anyText(part)
        case 4: return .hasPrefix(field, String(decoding: bytes[..<end], as: UTF8.self))
        case 5:
            let needle = Array(part.utf8)
            return .matches(
                field,
                TextPattern(part, literals: [part]) { text in
                    ByteSearch(needle, isExact: true).firstIndex(in: text, 0..<text.count) != nil
                })
        default:
            let both = EventPredicate.and([.contains(field, part), .exists(FieldReference("note"))])
            return random.int(0..<2) == 0 ? both : .not(both)
        }
    }
}

/// Requirement: LOG-22, any field is searchable; what the encodings skip is what does not match.
@Suite("Blocks of a segment")
struct EventBlockTests {
    private static let times: Range<Int64> = 0..<Int64.max

    @Test("answer as the oracle does, and filters hide nothing", arguments: 0..<12)
    func agreesWithOracle(seed: Int) throws {
        var events = ServiceEvents(seed: seed)
        let batch = events.batch(rowCount: [3, 40, 300, 900][seed % 4])
        let written = try WrittenBlock(batch)
        #expect(
            try written.rows(EventQuery(dataset: .logs, times: Self.times))
                == EventOracle.rows(batch))
        for round in 0..<30 {
            var query = EventQuery(dataset: .logs, times: Self.times)
            query.predicate = events.predicate(batch)
            let expected = (0..<batch.rowCount).filter {
                EventOracle.holds(query.predicate, batch, row: $0)
            }
            // Each row has a time of its own.
            let rows = try written.answer(query)
            let same = rows?.times ?? [] == expected.map { batch.times[$0] }
            #expect(same, "seed \(seed): \(query.predicate)")
            if round == 0, let rows {
                #expect(EventOracle.rows(rows) == EventOracle.rows(batch, expected))
            }
            let mayHold = try written.mayHold(query.predicate)
            #expect(mayHold || expected.isEmpty, "seed \(seed): hidden \(query.predicate)")
        }
    }

    @Test("untidy batches come back as they were", arguments: 0..<10)
    func untidy(seed: Int) throws {
        var random = RandomEvents(seed: UInt64(seed))
        // As a writer gives them.
        let batch = SegmentWriter.sorted(
            random.batch(.logs, rowCountMax: 200, times: 0..<1000))
        let written = try WrittenBlock(batch)
        #expect(
            try written.rows(EventQuery(dataset: .logs, times: Self.times))
                == EventOracle.rows(batch))
        for _ in 0..<20 {
            var query = EventQuery(dataset: .logs, times: 0..<700)
            query.predicate = random.predicate()
            let expected = (0..<batch.rowCount).filter {
                batch.times[$0] < 700 && EventOracle.holds(query.predicate, batch, row: $0)
            }
            #expect(
                try written.rows(query) == EventOracle.rows(batch, expected), "\(query.predicate)")
        }
    }

    @Test("an id that is not there is not looked for in the rows")
    func idsAreFiltered() throws {
        var events = ServiceEvents(seed: 99)
        let written = try WrittenBlock(events.batch(rowCount: 2000))
        var open = 0
        for index in 0..<1000 {
            let id = Hex.encode(
                (0..<16).map {
                    UInt8(truncatingIfNeeded: ($0 * 41 + 7) ^ index ^ index >> 3 ^ $0 * index)
                })
            if try written.mayHold(.equals(FieldReference("trace_id"), id)) { open += 1 }
        }
        #expect(open < 40)
        #expect(
            try !written.mayHold(
                .equals(FieldReference("request_id"), "req_0123456789abcdef01234567")))
        #expect(try !written.mayHold(.anyText("order 7654321 of")))
    }

    @Test("1,000 fields, large texts and hostile names go in and come out")
    func extremes() throws {
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(Resource([]))
        for row in 0..<30 {
            builder.beginRow(timeNanos: Int64(row), resource: sender)
            for field in 0..<1000 where (field + row) % 3 == 0 {
                builder.set(.attribute, "field \(field)\u{0}\n\"", .int(Int64(field)))
            }
            builder.set(.attribute, "", .string(""))
            builder.set(.record, "body", .string(String(repeating: "x\u{0}\(row)", count: 30_000)))
            builder.set(.attribute, "bin", Array("b".utf8), [0, 1, 2, 255, 0xc3])
        }
        let written = try WrittenBlock(builder.batch)
        #expect(
            try written.rows(EventQuery(dataset: .logs, times: Self.times))
                == EventOracle.rows(builder.batch))
        var query = EventQuery(dataset: .logs, times: Self.times)
        query.predicate = .containsExactly(FieldReference("body"), "x\u{0}17x")
        #expect(try written.rows(query).count == 1)
    }

    @Test("damage anywhere throws or reads, and never traps", arguments: 0..<3)
    func damage(seed: Int) throws {
        var events = ServiceEvents(seed: seed)
        let batch = events.batch(rowCount: [5, 80, 200][seed])
        let (bytes, block) = BlockEncoder.encode(batch, at: 0, ChunkPacker())
        let query = EventQuery(dataset: .logs, times: Self.times)
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<400 {
            var changed = bytes
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                changed[Int.random(in: 0..<changed.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            let file = UncheckedFile(bytes: changed)
            guard var reader = try? BlockReader(file, block, isChecked: false) else { continue }
            _ = try? reader.rows(of: query).map { EventOracle.rows($0) }
            var asked = query
            asked.predicate = events.predicate(batch)
            _ = try? reader.rows(of: asked)
            asked.order = .unordered
            asked.joining = EventQuery.Joining(
                stretches: EventQuery.Joining.Stretches(start: 0, length: 50), keepsResources: true)
            asked.projection = .fields([
                FieldReference("level"), FieldReference("observed_time"), FieldReference("note"),
            ])
            _ = try? reader.rows(of: asked)
        }
    }
}

extension EventBatchBuilder {
    fileprivate mutating func set(_ space: FieldSpace, _ name: String, _: [UInt8], _ value: [UInt8])
    {
        set(space, Array(name.utf8).span, bytes: value.span, kind: .string)
    }
}

/// Bytes whose checksums all seem to agree.
private struct UncheckedFile: ReadableFile {
    let bytes: [UInt8]

    func byteCount() throws(FileFailure) -> Int { bytes.count }

    func read(at offset: Int, byteCount: Int) throws(FileFailure) -> [UInt8] {
        guard offset >= 0, offset <= bytes.count else { return [] }
        return Array(bytes[offset..<min(bytes.count, offset + byteCount)])
    }

    func close() {}
}
