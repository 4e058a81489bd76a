import PerchBytes
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
        var reader = ByteReader(bytes)
        let read = try BlockTimes(count: count, &reader, isChecked: true)
        #expect(reader.isAtEnd)
        #expect(read.all == times)
        let rows = (0..<UInt32(count)).filter { _ in Int.random(in: 0..<30, using: &random) == 0 }
        #expect(read.values(at: rows) == rows.map { times[Int($0)] })
        for _ in 0..<60 {
            let row = Int.random(in: 0..<count, using: &random)
            #expect(read[row] == times[row])
            let wanted = times[row] + Int64.random(in: -1...1, using: &random)
            let found = read.first(from: wanted)
            #expect(found?.row == times.firstIndex { $0 >= wanted })
            #expect(found?.time == times.first { $0 >= wanted })
        }
        #expect(read.first(from: .min)?.row == 0)
        #expect(read.first(from: .max) == nil)
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
        var reader = ByteReader(bytes)
        #expect(try BlockTimes(count: times.count, &reader, isChecked: false).all == times)
        reader = ByteReader(bytes)
        #expect(throws: SegmentFormat.Failure.self) {
            try BlockTimes(count: times.count, &reader, isChecked: true)
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
