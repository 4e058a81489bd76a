import PerchModel
import PerchRegex
import PerchTestSupport
import Testing

@testable import PerchLogQL

/// Forms of messages of real systems, against the lists of templates that people made of them.
///
/// The measure is grouping accuracy (Zhu et al., "Tools and benchmarks for automated log parsing"):
/// a message counts when its form has exactly the messages of its template.
@Suite("Patterns find the templates of real logs", .enabled(if: TestData.isAvailable))
struct PatternAccuracyTests {
    /// What stands between the head of a line and its message, and where the message begins.
    private static let heads: [String: String] = [
        "Apache": "] [", "HDFS": ": ", "Linux": ": ", "OpenSSH": "]: ", "OpenStack": "] ",
        "Spark": ": ", "Zookeeper": "] - ",
    ]

    private static func lines(_ name: String) throws -> [String] {
        try TestData.bytes("loghub/\(name)_2k.log").split(separator: 0x0a)
            .map { String(decoding: $0, as: UTF8.self).trimmed }
    }

    /// The message of a line, as the lists of templates have it.
    private static func message(_ line: String, _ name: String) -> String {
        guard let head = heads[name], let place = line.firstRange(of: head) else { return line }
        let rest = line[place.upperBound...]
        // The level stands in brackets of its own.
        guard name == "Apache", let end = rest.firstRange(of: "] ") else {
            return String(rest).trimmed
        }
        return String(rest[end.upperBound...]).trimmed
    }

    /// Patterns of the templates, those with the most text first.
    private static func templates(_ name: String) throws -> [Regex] {
        let text = String(
            decoding: try TestData.bytes("loghub/\(name)_2k.log_templates.csv"), as: UTF8.self)
        let templates = text.split(whereSeparator: \.isNewline).dropFirst().map { line in
            var template = String(
                line[line.index(after: line.firstIndex(of: ",") ?? line.startIndex)...])
            if template.hasPrefix("\""), template.hasSuffix("\"") {
                template = String(template.dropFirst().dropLast()).replacing("\"\"", with: "\"")
            }
            return template.trimmed
        }
        return try templates.sorted { literalCount($0) > literalCount($1) }.map { template in
            try Regex(
                "(?s)"
                    + template.split(separator: "<*>", omittingEmptySubsequences: false)
                    .map(escaped).joined(separator: ".*?"))
        }
    }

    private static func literalCount(_ template: String) -> Int {
        template.replacing("<*>", with: "").utf8.count
    }

    private static func escaped(_ text: Substring) -> String {
        text.unicodeScalars.map { scalar in
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || !scalar.isASCII
                || scalar == " " ? String(scalar) : "\\" + String(scalar)
        }.joined()
    }

    /// The group of each message by the pipe's own rules.
    private static func groups(_ messages: [String]) -> [Int] {
        var forms = TextTable()
        var counts: [Int64] = []
        let numbers = messages.map { message -> Int in
            var form: [UInt8] = []
            MessagePattern.append(Array(message.utf8).span, to: &form)
            let number = Int(forms.intern(form.span))
            if number == counts.count { counts.append(0) }
            counts[number] += 1
            return number
        }
        let sorted = counts.indices.map { number in
            (
                forms.text(of: UInt32(number)),
                PatternCollector.Form(count: counts[number], members: [number])
            )
        }.sorted { ($1.1.count, $0.0) < ($0.1.count, $1.0) }
        var clusterOf = [Int](repeating: 0, count: counts.count)
        for (cluster, entry) in PatternClusters.joined(sorted).enumerated() {
            for member in entry.form.members { clusterOf[member] = cluster }
        }
        return numbers.map { clusterOf[$0] }
    }

    /// How many in a hundred messages are grouped as the templates group them.
    private static func accuracy(_ found: [Int], _ wanted: [Int]) -> Double {
        let byForm = Dictionary(grouping: found.indices) { found[$0] }
        let byTemplate = Dictionary(grouping: wanted.indices) { wanted[$0] }
        let right = byForm.values.filter { byTemplate[wanted[$0[0]]]?.count == $0.count }
            .filter { group in group.allSatisfy { wanted[$0] == wanted[group[0]] } }
            .reduce(0) { $0 + $1.count }
        return 100 * Double(right) / Double(found.count)
    }

    /// The floors are what is reached, less a little; docs/search.md states them.
    @Test(
        "Messages are grouped as people group them",
        arguments: [
            ("Apache", 100), ("HDFS", 99.7), ("Linux", 75.3), ("OpenSSH", 81.1),
            ("OpenStack", 37.2), ("Spark", 92.2), ("Zookeeper", 98.8),
        ] as [(String, Double)])
    func accuracy(_ name: String, _ floor: Double) throws {
        let messages = try Self.lines(name).map { Self.message($0, name) }
        let templates = try Self.templates(name)
        let wanted = messages.map { message in
            templates.firstIndex { $0.matchesFully(Array(message.utf8).span) } ?? -1
        }
        // The lists name every message.
        #expect(wanted.count { $0 < 0 } == 0)
        let reached = Self.accuracy(Self.groups(messages), wanted)
        #expect(reached >= floor, "\(name): \(reached)")
    }
}

extension String {
    fileprivate var trimmed: String {
        let text = Substring(self)
        return String(
            text.trimmingPrefix { $0 == " " || $0 == "\r" }.reversed()
                .trimmingPrefix { $0 == " " || $0 == "\r" }.reversed())
    }
}
