/// One file on its way to a server.
struct ImportRun {
    private let name: String
    private let fromLine: Int
    private let client: ImportClient
    private var format: ImportFormat
    private var file: LineFile
    private var dump: DumpText
    private var batch = ImportBatch()
    private var malformedCount = 0
    private var lineCount = 0
    /// Lines whose samples the server has, or has refused for good.
    private(set) var doneLineCount = 0

    init(
        file name: String, format: ImportFormat, nan: DumpNaN, fromLine: Int,
        client: ImportClient
    ) throws {
        self.name = name
        self.format = format
        self.fromLine = fromLine
        self.client = client
        file = try LineFile(name)
        dump = DumpText(nan: nan)
        doneLineCount = fromLine - 1
    }

    mutating func run(_ report: inout ImportReport) async throws {
        // The first lines say which format it is.
        var first: [[UInt8]] = []
        while format == .auto, first.count < 1_000, let line = try file.next() {
            first.append(line)
            if line.first != UInt8(ascii: "#"), !line.isEmpty { break }
        }
        if format == .auto { format = ImportFormat.detect(first) }
        for line in first { try await take(line, &report) }
        while let line = try file.next() { try await take(line, &report) }
        dump.finish(&batch)
        try await send(&report)
    }

    private mutating func take(_ line: [UInt8], _ report: inout ImportReport) async throws {
        lineCount += 1
        guard lineCount >= fromLine, !line.isEmpty, !line.elementsEqual("# EOF".utf8) else {
            return
        }
        if format == .dump {
            switch dump.add(line, number: lineCount, to: &batch) {
            case .taken: break
            case .histogram:
                report.sent(1)
                report.refused(1, "native histograms, of which a dump does not say enough")
            case .malformed: try malformed("no line of a dump", lineCount, &report)
            }
        } else {
            batch.append(
                line, number: lineCount, isSample: line.first != UInt8(ascii: "#"))
        }
        if batch.bytes.count >= ImportLimits.batchByteCount { try await send(&report) }
    }

    private mutating func send(_ report: inout ImportReport) async throws {
        let type =
            format == .openmetrics
            ? "application/openmetrics-text; version=1.0.0" : "text/plain; version=1.0.0"
        while !batch.isEmpty {
            let body = format == .openmetrics ? batch.bytes + Array("# EOF\n".utf8) : batch.bytes
            switch try await client.send(body, contentType: type) {
            case .taken:
                report.sent(batch.sampleCount)
            case .partly(let words):
                report.sent(batch.sampleCount)
                report.refused(words)
            case .malformed(let words, let place):
                // The line alone is left out, and the others are sent again.
                try malformed(words, batch.removeLine(atByte: place), &report)
                continue
            }
            batch = ImportBatch()
        }
        doneLineCount = dump.heldLine.map { $0 - 1 } ?? lineCount
        let share = file.byteCount.map { Double(file.readByteCount) / Double(max(1, $0)) }
        try report.progress(name, line: lineCount, share: share)
    }

    private mutating func malformed(
        _ words: String, _ line: Int, _ report: inout ImportReport
    ) throws {
        malformedCount += 1
        guard malformedCount <= ImportLimits.malformedMax else {
            throw LineFile.Failure(description: "line \(line): \(words); too many such lines")
        }
        report.sent(1)
        report.refused(1, "not understood, as line \(line) of \(name): \(words)")
    }
}

/// Lines that go in one request.
struct ImportBatch {
    private(set) var bytes: [UInt8] = []
    private(set) var sampleCount = 0
    /// Where each line ends, its number in the file, and whether it is a sample.
    private var lines: [(end: Int, number: Int, isSample: Bool)] = []

    var isEmpty: Bool { lines.isEmpty }

    mutating func append(_ line: some Sequence<UInt8>, number: Int, isSample: Bool) {
        bytes.append(contentsOf: line)
        bytes.append(UInt8(ascii: "\n"))
        lines.append((bytes.count, number, isSample))
        if isSample { sampleCount += 1 }
    }

    /// Leaves out the line that has a byte, and answers its number.
    mutating func removeLine(atByte place: Int) -> Int {
        let index = min(lines.firstIndex { place < $0.end } ?? .max, lines.count - 1)
        let removed = lines[index]
        let start = index == 0 ? 0 : lines[index - 1].end
        bytes.removeSubrange(start..<removed.end)
        lines.remove(at: index)
        for later in index..<lines.count { lines[later].end -= removed.end - start }
        if removed.isSample { sampleCount -= 1 }
        return removed.number
    }
}
