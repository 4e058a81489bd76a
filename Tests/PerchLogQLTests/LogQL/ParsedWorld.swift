import PerchModel
import PerchTestSupport

/// Lines that were written from known fields, as a store has them and as they were known.
///
/// Untidy on purpose: fields that are missing, empty, of changing types, in other scripts and in
/// two spellings of one letter, named as labels of the stream or as stored fields, with signs in
/// their names; lines that are broken; equal times; times on the edges of windows.
struct ParsedWorld {
    enum Format: Int, CaseIterable {
        case json
        case logfmt
        case pattern
        case regexp
        case unpack
        case jsonPaths
        case logfmtPaths
    }

    struct Line {
        var time: Int64
        var stream: [String: String]
        var stored: [String: String] = [:]
        /// What a parser gives.
        var parsed: [String: String] = [:]
        /// The text of the values of JSON's members, by name.
        var members: [String: String] = [:]
        var isBroken = false
        var text = ""
        /// The line behind the parser.
        var rest: String?

        /// What stages made, with the names that they gave it.
        var made: [String: String] {
            var result: [String: String] = [:]
            for (name, value) in parsed {
                guard let own = stream[name] else {
                    result[name] = value
                    continue
                }
                if !own.utf8.elementsEqual(value.utf8) { result[name + "_extracted"] = value }
            }
            return result
        }

        func label(_ name: String) -> String {
            made[name] ?? stream[name] ?? stored[name] ?? ""
        }

        /// All labels of its series, with the stored fields that a question names.
        func labels(naming names: [String]) -> [String: String] {
            var labels = stream.merging(made) { $1 }
            for name in names { labels[name] = label(name) }
            return labels.filter { !$0.value.isEmpty }
        }
    }

    var random: RandomEvents
    let format: Format
    let store: LogQLStore
    private(set) var lines: [Line] = []

    init(seed: Int, _ format: Format) async throws {
        random = RandomEvents(seed: UInt64(seed))
        self.format = format
        store = try await LogQLStore(isReal: seed % 3 == 0)
        for _ in 0..<random.int(1..<4) {
            try await add()
            if random.int(0..<2) == 0 { try await store.flush() }
        }
    }

    mutating func pick<Value>(_ values: [Value]) -> Value {
        values[random.int(0..<values.count)]
    }

    private mutating func add() async throws {
        var builder = EventBatchBuilder(dataset: .logs)
        for _ in 0..<random.int(1..<50) {
            let region = pick(["eu", "us", "", nil])
            var attributes = [Resource.Attribute(key: "app", value: .string("shop"))]
            if let region { attributes.append(.init(key: "region", value: .string(region))) }
            let resource = builder.intern(Resource(attributes))
            var line = Line(time: Int64(random.int(0..<100)) * 10, stream: ["app": "shop"])
            line.stream["service_name"] = "unknown_service"
            line.stream["detected_level"] = "unknown"
            if region?.isEmpty == false { line.stream["region"] = region }
            write(&line)
            builder.beginRow(timeNanos: line.time, resource: resource)
            builder.set(.record, RecordField.body, .string(line.text))
            for (field, label) in [
                ("user", "user"), ("http.route", "http_route"), ("only", "only"),
            ]
            where random.int(0..<4) == 0 {
                let value: FieldValue = pick([.int(5), .string("é"), .string(""), .double(2.5)])
                builder.set(.attribute, field, value)
                line.stored[label] = value.text
            }
            lines.append(line)
        }
        try await store.append(builder.batch)
    }

    // MARK: Lines

    private mutating func write(_ line: inout Line) {
        switch format {
        case .json, .jsonPaths: writeJSON(&line)
        case .logfmt, .logfmtPaths: writeLogfmt(&line)
        case .pattern, .regexp: writePlain(&line)
        case .unpack: writePacked(&line)
        }
    }

    private mutating func word() -> String {
        pick([
            "", "a", "b c", "é", "e\u{301}", "日本", "42", "7.5", "-3", "1e2", "x\"y", "back\\slash",
            "\t", "5", "0",
        ])
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\t": result += "\\t"
            case "é": result += "\\u00e9"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// Names as they are written, and the labels that they become.
    private static let names = [
        ("user", "user"), ("http.route", "http_route"), ("region", "region"), ("n", "n"),
        ("1st", "_1st"), ("größe", "gr__e"), ("x-y", "x_y"),
    ]

    private mutating func writeJSON(_ line: inout Line) {
        if random.int(0..<15) == 0 {
            // With paths a list is taken too.
            line.text = pick(["no json", "{\"a\":1", "", "{\"a\" 1}", "{\"a\":tru}", "[1,2]"])
            line.isBroken = line.text != "[1,2]" || format == .json
            return
        }
        var members: [String] = []
        for (name, label) in Self.names where random.int(0..<3) > 0 {
            var text: String
            switch random.int(0..<7) {
            case 0:
                text = pick(["5", "-2.5", "1e2", "0", "true", "false"])
                line.parsed[label] = text
                line.members[name] = text
            case 1:
                text = pick(["null", "[1,{\"a\":2}]", "[]"])
                line.members[name] = text == "null" ? "" : text
            case 2:
                let value = word()
                text = "{\"in ner\":\(Self.quoted(value)),\"z\":{},\"l\":[]}"
                line.parsed[label + "_in_ner"] = value
                line.members[name] = text
            default:
                let value = word()
                text = Self.quoted(value)
                line.parsed[label] = value
                line.members[name] = value
            }
            members.append(Self.quoted(name) + pick([":", ": ", " : "]) + text)
        }
        line.text = pick(["{", " { "]) + members.joined(separator: pick([",", " , "])) + "}"
        guard format == .jsonPaths else { return }
        line.parsed = [
            "u": line.members["user"] ?? "", "deep": line.parsed["http_route_in_ner"] ?? "",
        ]
    }

    private mutating func writeLogfmt(_ line: inout Line) {
        var pairs: [String] = []
        for (name, label) in Self.names where random.int(0..<3) > 0 {
            let value = word()
            let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x22 && $0 != 0x5c }
            pairs.append("\(name)=\(isPlain ? value : Self.quoted(value))")
            if !value.isEmpty || format == .logfmtPaths { line.parsed[label] = value }
        }
        if random.int(0..<15) == 0 {
            pairs.append(pick(["last=\"open", "=5", "a\"b"]))
            line.isBroken = true
        }
        line.text = pairs.joined(separator: pick([" ", "  "]))
        guard format == .logfmtPaths else { return }
        line.parsed = ["u": line.parsed["user"], "r": line.parsed["http_route"]]
            .compactMapValues { $0 }
    }

    private mutating func writePlain(_ line: inout Line) {
        let user = pick(["ann", "é", "e\u{301}", "42", "7", "a said"])
        let code = pick(["200", "500", "-1", "4.5"])
        line.text = "\(user) said [\(code)] ok"
        line.parsed = ["user": user, "n": code]
        guard random.int(0..<8) == 0 else {
            // What captures stand between is as short as it can be, and patterns have no spaces.
            if user == "a said", format == .regexp { line.parsed = [:] }
            return
        }
        line.text = pick(["", "other", "é", " said [5] ok"])
        line.parsed = [:]
        guard format == .pattern, !line.text.isEmpty else { return }
        // The name before a text that is not there takes the rest of the line.
        line.parsed = line.text.hasPrefix(" ") ? ["user": "", "n": "5"] : ["user": line.text]
    }

    private mutating func writePacked(_ line: inout Line) {
        if random.int(0..<15) == 0 {
            line.text = pick(["no json", "{\"_entry\":\"x\"", "7"])
            line.isBroken = true
            return
        }
        let rest = pick(["é in", "out", "a"])
        line.rest = rest
        var members = ["\"_entry\":\(Self.quoted(rest))"]
        for (name, label) in Self.names where random.int(0..<2) == 0 {
            let value = word()
            members.append("\(Self.quoted(name)):\(Self.quoted(value))")
            line.parsed[label] = value
        }
        line.text = "{" + members.joined(separator: ",") + "}"
    }

    // MARK: Questions

    var stage: String {
        switch format {
        case .json: "| json"
        case .logfmt: "| logfmt"
        case .pattern: "| pattern `<user> said [<n>] ok`"
        case .regexp: "| regexp `^(?P<user>\\S+) said \\[(?P<n>[-.0-9]+)\\] ok$`"
        case .unpack: "| unpack"
        case .jsonPaths: "| json u=\"user\", deep=\"[\\\"http.route\\\"][\\\"in ner\\\"]\""
        case .logfmtPaths: "| logfmt u=\"user\", r=\"http.route\""
        }
    }

    var names: [String] {
        switch format {
        case .jsonPaths: ["u", "deep", "region", "only", "nothing"]
        case .logfmtPaths: ["u", "r", "region", "only", "nothing"]
        default:
            [
                "user", "http_route", "region", "region_extracted", "n", "_1st", "gr__e", "x_y",
                "http_route_in_ner", "user_in_ner", "nothing", "app", "only",
            ]
        }
    }
}
