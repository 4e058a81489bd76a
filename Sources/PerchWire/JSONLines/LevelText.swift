/// Levels as loggers name and number them, as OTLP's severity numbers.
///
/// Source: OpenTelemetry log data model, "Displaying Severity" and appendix B.
enum LevelText {
    /// The severity number of a level's name in any case; nil for one that is not known.
    static func severity(named name: String) -> Int64? {
        switch name.lowercased() {
        case "trace", "trce", "silly", "finest", "t": 1
        case "verbose", "finer", "v": 3
        case "debug", "dbug", "fine", "d": 5
        case "http": 7
        case "config": 8
        case "info", "information", "informational", "default", "log", "i": 9
        case "notice", "note", "success", "n": 10
        case "warn", "warning", "w": 13
        case "err", "error", "fail", "severe", "e": 17
        case "critical", "crit", "dpanic", "c": 18
        case "alert", "a": 19
        case "fatal", "panic", "f": 21
        case "emergency", "emerg": 22
        default: between(name)
        }
    }

    /// A level between two of Go's `slog`: `INFO+2`, `DEBUG-4`.
    ///
    /// Its numbers are those of OpenTelemetry, nine less.
    private static func between(_ name: String) -> Int64? {
        guard let sign = name.firstIndex(where: { $0 == "+" || $0 == "-" }),
            let distance = Int64(name[sign...]), abs(distance) < 100
        else { return nil }
        let base: Int64
        switch name[..<sign] {
        case "DEBUG": base = 5
        case "INFO": base = 9
        case "WARN": base = 13
        case "ERROR": base = 17
        default: return nil
        }
        return min(24, max(1, base + distance))
    }

    /// The severity number of a level's number: syslog's 0 to 7, or the tens of pino and bunyan.
    static func severity(numbered number: Int64) -> Int64? {
        switch number {
        case 0: 22
        case 1: 19
        case 2: 18
        case 3: 17
        case 4: 13
        case 5: 10
        case 6: 9
        case 7: 5
        case 10..<20: 1
        case 20..<30: 5
        case 30..<40: 9
        case 40..<50: 13
        case 50..<60: 17
        case 60..<70: 21
        default: nil
        }
    }
}

/// The severity numbers of the level names of one body: few names, on every line.
struct LevelCache {
    private var names: [[UInt8]] = []
    private var numbers: [Int64?] = []
    /// Loggers have about ten.
    private static let countMax = 16

    /// The severity number of a level's text, its name or its number.
    mutating func severity(_ text: [UInt8]) -> Int64? {
        if let index = names.firstIndex(of: text) { return numbers[index] }
        let name = String(decoding: text, as: UTF8.self)
        let number =
            LevelText.severity(named: name)
            ?? Int64(name).flatMap(LevelText.severity(numbered:))
        if names.count < Self.countMax {
            names.append(text)
            numbers.append(number)
        }
        return number
    }
}
