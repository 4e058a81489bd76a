import Foundation

/// What became of the samples of an import, for people.
struct ImportReport {
    private(set) var sentCount = 0
    private(set) var refusedCount = 0
    private var reasons: [String: Int] = [:]
    private var lastProgress = ContinuousClock.now

    mutating func sent(_ count: Int) { sentCount += count }

    mutating func refused(_ count: Int, _ reason: String) {
        refusedCount += count
        reasons[reason, default: 0] += count
    }

    /// Reads the server's words: `12 samples refused, all others taken: 3 …, 9 …; …`.
    mutating func refused(_ answer: String) {
        let parts = answer.split(separator: ": ", maxSplits: 1)
        let total = answer.split(separator: " ").first.flatMap { Int($0) } ?? 0
        var told = 0
        for part in (parts.last ?? "").split(whereSeparator: { ",;\n".contains($0) }) {
            let words = part.drop { $0 == " " }.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let count = Int(words[0]) else { continue }
            refused(count, String(words[1]))
            told += count
        }
        if told < total { refused(total - told, "refused by the server") }
    }

    /// Tells how far it is, now and then.
    mutating func progress(_ file: String, line: Int, share: Double?) throws {
        let now = ContinuousClock.now
        guard now - lastProgress >= .seconds(ImportLimits.progressSeconds) else { return }
        lastProgress = now
        let percent = share.map { ", \(Int($0 * 100)) %" } ?? ""
        try Self.say("\(file): line \(line), \(sentCount) samples\(percent)")
    }

    func printSummary() throws {
        try Self.say("\(sentCount - refusedCount) samples taken, \(refusedCount) refused")
        for (reason, count) in reasons.sorted(by: { $0.value > $1.value }) {
            try Self.say("  \(count) \(reason)")
        }
    }

    private static func say(_ text: String) throws {
        try FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }
}
