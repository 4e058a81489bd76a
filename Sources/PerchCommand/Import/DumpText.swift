/// Turns the lines of a dump into Prometheus' text format.
///
/// Lines of a series follow each other, with ascending times. A NaN waits for the line after it,
/// which tells what it is.
struct DumpText {
    enum Result {
        case taken
        case histogram
        case malformed
    }

    private struct Held {
        var prefix: [UInt8]
        var time: [UInt8]
        var line: Int
    }

    private let nan: DumpNaN
    /// The labels of the line before, as they stood and as they are sent.
    private var labels: [UInt8] = []
    private var prefix: [UInt8] = []
    private var held: Held?
    /// Whether the sample before, of the same series, is a number.
    private var isAfterNumber = false

    init(nan: DumpNaN) {
        self.nan = nan
    }

    /// The line that waits.
    ///
    /// Not inlined: the optimizer of Swift 6.3.1 fails on its callers otherwise.
    @inline(never) var heldLine: Int? { held?.line }

    mutating func add(_ line: [UInt8], number: Int, to batch: inout ImportBatch) -> Result {
        guard let parts = DumpLine(line) else { return .malformed }
        let isSameSeries = line[..<parts.labelsEnd].elementsEqual(labels)
        if !isSameSeries {
            guard let prefix = DumpLine.exposition(line[..<parts.labelsEnd]) else {
                return .malformed
            }
            release(asMarker: true, to: &batch)
            labels = Array(line[..<parts.labelsEnd])
            self.prefix = prefix
            isAfterNumber = false
        }
        guard !parts.isHistogram else { return .histogram }
        if parts.isNaN {
            addNaN(parts, number, to: &batch)
        } else {
            release(asMarker: true, to: &batch)
            append(prefix, parts.value, parts.time, number, to: &batch)
            isAfterNumber = true
        }
        return .taken
    }

    /// Ends the dump.
    mutating func finish(_ batch: inout ImportBatch) {
        release(asMarker: true, to: &batch)
    }

    private mutating func addNaN(
        _ parts: DumpLine, _ number: Int, to batch: inout ImportBatch
    ) {
        switch nan {
        case .keep: append(prefix, parts.value, parts.time, number, to: &batch)
        case .stale: append(prefix, Self.marker[...], parts.time, number, to: &batch)
        case .drop: break
        case .auto:
            // Two in a row are values: a series ends once.
            release(asMarker: false, to: &batch)
            if isAfterNumber {
                held = Held(prefix: prefix, time: Array(parts.time), line: number)
            } else {
                append(prefix, parts.value, parts.time, number, to: &batch)
            }
            isAfterNumber = false
        }
    }

    private mutating func release(asMarker isMarker: Bool, to batch: inout ImportBatch) {
        guard let waiting = held else { return }
        held = nil
        append(
            waiting.prefix, isMarker ? Self.marker[...] : Self.value[...], waiting.time[...],
            waiting.line, to: &batch)
    }

    private func append(
        _ prefix: [UInt8], _ value: ArraySlice<UInt8>, _ time: ArraySlice<UInt8>, _ number: Int,
        to batch: inout ImportBatch
    ) {
        let blank = [UInt8(ascii: " ")]
        batch.append(prefix + blank + value + blank + time, number: number, isSample: true)
    }

    private static let marker = Array("StaleNaN".utf8)
    private static let value = Array("NaN".utf8)
}
