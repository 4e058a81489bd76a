import PerchModel

/// Turns entries of streams into rows.
struct LokiRows {
    /// A stream's labels as its rows have them.
    struct Stream {
        fileprivate var resource: UInt32
        fileprivate var levelText: [UInt8] = []
        fileprivate var severity: Int64?
    }

    private let receivedNanos: Int64
    private let names = RecordNames()
    private var builder = EventBatchBuilder(dataset: .logs)
    private var levels = LevelCache()
    private var levelText: [UInt8] = []
    private var severity: Int64?
    private var hasTrace = false
    private var hasSpan = false
    private var columns = JSONColumns()
    private var id: [UInt8] = []
    private var body = BodyFields()

    var batch: EventBatch { builder.batch }

    init(receivedNanos: Int64) {
        self.receivedNanos = receivedNanos
    }

    /// A stream with these labels.
    mutating func stream(
        _ labels: [(name: String, value: String)], atByte position: Int
    ) throws(WireFailure) -> Stream {
        guard !labels.isEmpty else {
            throw .malformed("at least one label pair is required per stream", atByte: position)
        }
        guard labels.count <= Limits.maxLabels else {
            throw .malformed("a stream has more than \(Limits.maxLabels) labels", atByte: position)
        }
        var attributes: [Resource.Attribute] = []
        var stream = Stream(resource: 0)
        for label in labels {
            attributes.append(
                Resource.Attribute(
                    key: SenderNames.attribute(ofLabel: label.name), value: .string(label.value)))
            if stream.severity == nil, Self.levelNames.contains(label.name) {
                stream.levelText = Array(label.value.utf8)
                stream.severity = levels.severity(stream.levelText)
            }
        }
        // The first label that names a service, as Loki chooses it.
        if !attributes.contains(where: { $0.key == "service.name" }),
            let name = SenderNames.serviceLabels.lazy.compactMap({ name in
                labels.first { $0.name == name && !$0.value.isEmpty }
            }).first
        {
            attributes.append(
                Resource.Attribute(key: "service.name", value: .string(name.value)))
        }
        stream.resource = builder.intern(Resource(attributes))
        return stream
    }

    mutating func begin(_ stream: Stream, timeNanos: Int64) throws(WireFailure) {
        guard builder.rowCount < Limits.maxRows else {
            throw .tooLarge("more than \(Limits.maxRows) records")
        }
        try EventRows.checkColumns(builder)
        builder.beginRow(
            timeNanos: timeNanos == 0 ? receivedNanos : timeNanos, resource: stream.resource)
        levelText.removeAll(keepingCapacity: true)
        severity = nil
        hasTrace = false
        hasSpan = false
    }

    mutating func line(_ text: Span<UInt8>) {
        builder.set(.body, bytes: text, kind: .string)
    }

    /// A line that is JSON, and not text.
    mutating func line(_ value: LineField.Value, _ bytes: Span<UInt8>) {
        let name = names.body
        columns.set(&builder, .record, name.span, value, bytes)
    }

    /// An entry's own field.
    mutating func metadata(_ name: Span<UInt8>, _ value: LineField.Value, _ bytes: Span<UInt8>) {
        guard !name.isEmpty, name.count <= Limits.maxKeyBytes else { return }
        if case .string(let string) = value, string.isPlain {
            metadata(name, text: bytes.extracting(string.range))
        } else {
            columns.set(&builder, .attribute, name, value, bytes)
        }
    }

    /// An entry's own field that is text: a level and ids become what they are, and integers too,
    /// when their digits say the same again.
    mutating func metadata(_ name: Span<UInt8>, text: Span<UInt8>) {
        guard !name.isEmpty, name.count <= Limits.maxKeyBytes else { return }
        let (traceID, spanID) = (names.traceID, names.spanID)
        switch name.count {
        case 8 where !hasTrace && stands(name, in: traceID.span, at: 0):
            if setID(.traceID, text, Identifier.traceBytes) {
                hasTrace = true
                return
            }
        case 7 where !hasSpan && stands(name, in: spanID.span, at: 0):
            if setID(.spanID, text, Identifier.spanBytes) {
                hasSpan = true
                return
            }
        default: break
        }
        if severity == nil, Self.isLevelName(name) { takeLevel(text) }
        if let value = Self.integer(text) {
            builder.set(.attribute, name, int: value)
        } else {
            builder.set(.attribute, name, bytes: text, kind: .string)
        }
    }

    /// Ends a row whose line was `text`: its level and what is in the line.
    mutating func finish(_ stream: Stream, line text: Span<UInt8>) {
        if levelText.isEmpty {
            levelText.append(stream.levelText.span)
            severity = stream.severity
        }
        body.add(
            text, to: &builder, names,
            BodyFields.Known(level: !levelText.isEmpty, traceID: hasTrace, spanID: hasSpan))
        if let severity { builder.set(.severityNumber, int: severity) }
        let level = levelText
        guard !level.isEmpty else { return }
        builder.set(.severityText, bytes: level.span, kind: .string)
    }

    private mutating func takeLevel(_ text: Span<UInt8>) {
        levelText.removeAll(keepingCapacity: true)
        levelText.append(text)
        severity = levels.severity(levelText)
    }

    private mutating func setID(_ field: RecordKey, _ digits: Span<UInt8>, _ count: Int) -> Bool {
        guard digits.count == count * 2, Self.isLowerCase(digits) else { return false }
        id.removeAll(keepingCapacity: true)
        let known = Hex.append(digits, to: &id)
        guard known, Identifier.isValid(id.span, count: count) else { return false }
        let value = id
        builder.set(field, bytes: value.span, kind: .id)
        return true
    }

    /// Ids are shown in lower case; others would not come back as they were.
    private static func isLowerCase(_ digits: Span<UInt8>) -> Bool {
        for index in digits.indices where (0x41...0x5a).contains(digits[index]) { return false }
        return true
    }

    /// The integer that is written so and no other way; nil for all other text.
    private static func integer(_ text: Span<UInt8>) -> Int64? {
        guard (1...18).contains(text.count) else { return nil }
        let first = text[0]
        guard first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10 else { return nil }
        if text.count > 1, first == UInt8(ascii: "0") { return nil }
        if first == UInt8(ascii: "-"), text.count == 1 || text[1] == UInt8(ascii: "0") {
            return nil
        }
        return JSONNumber.int(text, text.indices)
    }

    private static let levelNames: Set<String> = [
        "detected_level", "level", "severity", "severity_text", "lvl", "loglevel", "log_level",
    ]
    private static let levelNameBytes = levelNames.map { Array($0.utf8) }

    private static func isLevelName(_ name: Span<UInt8>) -> Bool {
        guard name.count <= 14,
            name[0] == UInt8(ascii: "d") || name[0] == UInt8(ascii: "l")
                || name[0] == UInt8(ascii: "s")
        else { return false }
        for known in levelNameBytes where known.count == name.count {
            if stands(name, in: known.span, at: 0) { return true }
        }
        return false
    }
}
