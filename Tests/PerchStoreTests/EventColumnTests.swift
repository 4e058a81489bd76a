import PerchBytes
import PerchFiles
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchEvents

/// What is read of a column without the rest is what stands there.
@Suite("Parts of a block's columns")
struct EventColumnTests {
    @Test("numbers at some places are those of all", arguments: 0..<80)
    func places(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let width = seed % 65
        let mask = width == 0 ? 0 : UInt64.max >> UInt64(64 - width)
        let base = Int64(bitPattern: random.next())
        var value = base
        let numbers = (0..<(1 + seed * 7 % 300)).map { _ in
            let step = Int64(bitPattern: random.next() & mask)
            value = seed % 3 == 0 ? value &+ step : base &+ step
            return value
        }
        var bytes: [UInt8] = []
        IntegerCodec.append(numbers, ChunkPacker(), to: &bytes)
        for every in [1, 2, 17] {
            let places = (0..<UInt32(numbers.count)).filter { _ in
                Int.random(in: 0..<every, using: &random) == 0
            }
            var reader = ByteReader(bytes)
            let read: [Int64] = try IntegerCodec.read(count: numbers.count, at: places, &reader)
            #expect(read == places.map { numbers[Int($0)] })
            #expect(reader.isAtEnd)
        }
    }

    @Test("numbers that satisfy are found without making them", arguments: 0..<60)
    func tests(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let bitCount = Int64(seed % 12)
        // Some at the ends of what there is.
        let base: Int64 = [40, .max, .min + (1 << 12)][seed % 7 % 3]
        var numbers: [Int64] = []
        for _ in 0..<(1 + seed * 61 % 700) {
            numbers.append(base - Int64.random(in: 0..<(1 << bitCount), using: &random))
        }
        var bytes: [UInt8] = []
        IntegerCodec.append(numbers, ChunkPacker(), to: &bytes, maySteps: seed % 3 == 0)
        let bound = numbers[Int.random(in: 0..<numbers.count, using: &random)]
        let remainder = Int64.random(in: 0..<3, using: &random)
        func places(_ numbers: [Int64]) -> RowMask {
            RowMask(of: numbers.span) { $0 <= bound && $0 & 3 != remainder }
        }
        var reader = ByteReader(bytes)
        let found = try IntegerCodec.places(count: numbers.count, &reader, places)
        let wanted = places(numbers)
        #expect(found == nil || found == wanted)
        #expect(reader.position == (found == nil ? 0 : bytes.count))
        // What takes a byte at most and no steps is always read so, where it is worth it.
        if seed % 3 != 0, bitCount <= 8, numbers.count > 256 { #expect(found != nil) }
    }

    @Test("codes at some places are those of all, and tests of them agree", arguments: 0..<24)
    func codes(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let repeats = [0.0, 0.5, 0.9, 0.99][seed % 4]
        var entryCount = 0
        let codes = (0..<(200 + seed * 331 % 3000)).map { _ -> UInt32 in
            if entryCount > 0, Double.random(in: 0..<1, using: &random) < repeats {
                let back = Int.random(in: 1...min(entryCount, seed < 12 ? 9 : 600), using: &random)
                return UInt32(entryCount - back)
            }
            entryCount += 1
            return UInt32(entryCount - 1)
        }
        var bytes: [UInt8] = []
        CodeList.append(codes, entryCount: entryCount, ChunkPacker(), to: &bytes)
        for every in [1, 3, 100] {
            let places = (0..<UInt32(codes.count)).filter { _ in
                Int.random(in: 0..<every, using: &random) == 0
            }
            var reader = ByteReader(bytes)
            let read = try CodeList.read(
                entryCount: entryCount, count: codes.count, at: places, &reader)
            #expect(read == places.map { codes[Int($0)] })
            #expect(reader.isAtEnd)
        }
        let verdicts = (0..<entryCount).map { _ in Bool.random(using: &random) }
        var reader = ByteReader(bytes)
        let found = try CodeList.places(count: codes.count, of: verdicts, &reader)
        #expect(found == nil || found == RowMask(of: codes.span) { verdicts[Int($0)] })
        // Lists of few entries stand as they are.
        if entryCount <= 256, codes.count > 256 { #expect(found != nil) }
    }

    @Test("ids of one length are read without the others, once all were checked", arguments: 0..<3)
    func fixedTexts(seed: Int) throws {
        var events = ServiceEvents(seed: seed + 70)
        let batch = events.batch(rowCount: 5000)
        let written = try WrittenBlock(batch)
        let known = KnownBlock(
            try SegmentDirectory(
                written.file.read(written.block.directory), rowCount: written.block.rowCount))
        for _ in 0..<30 {
            var query = EventQuery(dataset: .logs, times: .min ..< .max)
            let row = events.random.int(0..<batch.rowCount)
            let text = batch.value(of: FieldReference("request_id"), row: row)?.text ?? ""
            query.predicate = .equals(FieldReference("request_id"), text)
            let wanted = try written.rows(query)
            #expect(!wanted.isEmpty)
            var reader = BlockReader(written.file, written.block, known)
            let read = try reader.rows(of: query).map { EventOracle.rows($0) }
            #expect(read == wanted)
        }
        let ids = ["span_id", "trace_id", "request_id"].map { name in
            known.directory.columns.first { $0.name == name }?.chunks[0]
        }
        #expect(ids.allSatisfy { $0.map(known.isChecked) ?? false })
        let heads = try ids.compactMap { $0 }.map { try written.file.read($0).prefix(128) }
        let counts = known.directory.columns.first { $0.name == "trace_id" }?.entryCount ?? 0
        #expect(FixedTexts(head: Array(heads[0]), count: 5000, areEntries: false) != nil)
        #expect(FixedTexts(head: Array(heads[1]), count: counts, areEntries: true) != nil)
        #expect(FixedTexts(head: Array(heads[2]), count: counts, areEntries: true) != nil)
        #expect(FixedTexts(head: Array(heads[2]), count: counts + 1, areEntries: true) == nil)
    }

    @Test("patterns without what is looked for are passed over together", arguments: 0..<40)
    func patterns(seed: Int) {
        var events = ServiceEvents(seed: seed + 90)
        let batch = events.batch(rowCount: 120)
        for column in batch.columns where column.kind == .string {
            var patterns = TextSource(ends: [], bytes: [])
            var scanner = TextScanner()
            for index in column.rows.indices {
                let range = column.byteRange(at: index)
                let isSplit = scanner.scan(column.bytes.span, range)
                patterns.bytes += isSplit ? scanner.pattern : [TextScanner.Mark.text]
                patterns.ends.append(UInt32(patterns.bytes.count))
            }
            for _ in 0..<12 {
                guard let test = events.predicate(batch).condition?.test else { continue }
                let pattern = PatternTest(test, .string)
                let each = (0..<patterns.count).map {
                    pattern.verdict(patterns.bytes.span, patterns.range($0))
                }
                #expect(pattern.verdicts(of: patterns) == each)
            }
        }
    }

    @Test(
        "times are found in runs as in a list",
        arguments: [1, 2, 512, 513, 769, 1024, 5000], [1, 1000, 1_000_000] as [Int64])
    func times(count: Int, tick: Int64) throws {
        var random = SeededGenerator(seed: UInt64(count) &+ UInt64(tick))
        var time = Int64.random(in: -1_000_000_000...1_700_000_000_000_000_000, using: &random)
        let times = (0..<count).map { _ in
            time += tick * max(0, Int64.random(in: -3..<90, using: &random))
            return time
        }
        var bytes: [UInt8] = []
        BlockTimes.append(times, ChunkPacker(), to: &bytes)
        let read = try BlockTimes(count: count, bytes, isChecked: true)
        #expect(try read.all() == times)
        let rows = (0..<UInt32(count)).filter { _ in Int.random(in: 0..<30, using: &random) == 0 }
        #expect(try read.values(at: rows) == rows.map { times[Int($0)] })
        for _ in 0..<60 {
            let row = Int.random(in: 0..<count, using: &random)
            #expect(try read.time(of: row) == times[row])
            let wanted = times[row] + Int64.random(in: -1...1, using: &random)
            let found = try read.first(from: wanted)
            #expect(found?.row == times.firstIndex { $0 >= wanted })
            #expect(found?.time == times.first { $0 >= wanted })
        }
        #expect(try read.first(from: .min)?.row == 0)
        #expect(try read.first(from: .max) == nil)
        // The same from the file, once it is known where runs are.
        guard let frames = read.frames else { return }
        let files = InMemoryFiles()
        let writing = try files.openForWriting(FilePath.from("/times"), .existingOrNew)
        try writing.write(([7, 7, 7] + bytes).span, at: 0)
        writing.close()
        let chunk = SegmentChunk(
            offset: 3, byteCount: bytes.count, checksum: CRC32C.checksum(bytes))
        let parts = BlockTimes(
            frames, in: try files.openForReading(FilePath.from("/times")), chunk)
        #expect(try parts.all() == times)
        #expect(try parts.values(at: rows) == rows.map { times[Int($0)] })
        for row in [0, count / 2, count - 1] {
            #expect(try parts.time(of: row) == times[row])
            #expect(try parts.first(from: times[row])?.row == times.firstIndex { $0 >= times[row] })
        }
    }

    @Test("times that cost few bits take few")
    func timesAreSmall() {
        var times: [Int64] = []
        for index in 0..<16_384 {
            let millis: Int = index * 37 % 90 + index * 100
            times.append(Int64(millis) * 1_000_000)
        }
        var bytes: [UInt8] = []
        BlockTimes.append(times, ChunkPacker(), to: &bytes)
        #expect(bytes.count < times.count * 5 / 4)
    }

    @Test("times of any size and order come back")
    func anyTimes() throws {
        let some: [Int64] = [.min, .max, 0, -1, 1, .max, .min]
        let times = (0..<900).map { some[$0 * 5 % 7] }
        var bytes: [UInt8] = []
        BlockTimes.append(times, ChunkPacker(), to: &bytes)
        #expect(try BlockTimes(count: times.count, bytes, isChecked: false).all() == times)
        #expect(throws: SegmentFormat.Failure.self) {
            try BlockTimes(count: times.count, bytes, isChecked: true)
        }
    }

    @Test("a few rows are what they are among all", arguments: 0..<8)
    func fewRows(seed: Int) throws {
        var events = ServiceEvents(seed: seed + 40)
        let batch = events.batch(rowCount: 900)
        let written = try WrittenBlock(batch)
        for round in 0..<40 {
            let first = Int(batch.times[events.random.int(0..<batch.rowCount)])
            let width = [7, 40, 300, 2_000][round % 4]
            let query = EventQuery(dataset: .logs, times: Int64(first)..<Int64(first + width))
            let rows = (0..<batch.rowCount).filter { query.times.contains(batch.times[$0]) }
            #expect(try written.rows(query) == EventOracle.rows(batch, rows))
        }
    }

    @Test("texts come back from patterns, and one is found without the others", arguments: 0..<24)
    func entriesAsPatterns(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let words = ["req_", "u-", "", "order ", "é", "\u{1}", "x=", "0", "00", "G", " "]
        let texts = (0..<(70 + seed)).map { _ in
            (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                let word = words.randomElement(using: &random) ?? ""
                let number = random.next() >> UInt64.random(in: 0..<64, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: return word + String(number)
                case 1: return word + String(number, radix: 16)
                case 2: return word + "0" + String(number % 100)
                default: return word
                }
            }.joined()
        }
        var source = TextSource(ends: [], bytes: [])
        for text in texts {
            source.bytes += Array(text.utf8)
            source.ends.append(UInt32(source.bytes.count))
        }
        var tokens = TokenCollector()
        let templates = try #require(TextTemplates(source, &tokens))
        var bytes: [UInt8] = []
        TextEntries.append(source, templates: templates, ChunkPacker(), to: &bytes)
        var reader = ByteReader(bytes)
        let all = try TextEntries.read(
            count: texts.count, byteCountMax: source.bytes.count, &reader)
        #expect(all.ends == source.ends && all.bytes == source.bytes)
        #expect(reader.isAtEnd)
        // Also such as hardly differ, or are split alike and are not there.
        for wanted in texts + texts.map({ $0 + "1" }) + texts.map({ String($0.dropLast()) }) {
            var reader = ByteReader(bytes)
            let found = try TextEntries.places(
                of: Array(wanted.utf8), count: texts.count, byteCountMax: 1 << 20, &reader)
            #expect(found == texts.map { $0.utf8.elementsEqual(wanted.utf8) }, "\(wanted)")
        }
    }

    @Test("rows are ordered by time, and those of one time stay in order", arguments: 0..<12)
    func order(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let span = UInt64.max >> UInt64(seed * 6 % 64)
        let times = (0..<(seed * 90)).map { _ in Int64(bitPattern: random.next() & span) }
        let rows = TimeOrder.rows(by: times) ?? times.indices.map { UInt32($0) }
        let expected = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        #expect(rows.map { Int($0) } == expected)
        #expect(TimeOrder.rows(by: times.sorted()) == nil)
    }
}
