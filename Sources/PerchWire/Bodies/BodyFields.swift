import PerchModel

/// Finds the fields of a plain body that is JSON or logfmt, or the level in the head of another, and
/// adds them to its row.
///
/// The body stays as it came. What the record says itself goes before what its body says.
struct BodyFields {
    /// What the record has already.
    struct Known {
        var level = false
        var traceID = false
        var spanID = false
    }

    private let roles = LineRoles(JSONLinesOptions())
    private var fields = LineFields()
    private var head = LineHead()
    private var columns = JSONColumns()
    private var line: [UInt8] = []

    /// Whether a body is worth a closer look, by its first bytes.
    @inline(__always)
    private static func mayHaveAny(_ text: Span<UInt8>) -> Bool {
        guard (8...Limits.maxBodyFieldBytes).contains(text.count) else { return false }
        return text[0] == UInt8(ascii: "{") || Logfmt.mayBe(text)
    }

    /// Adds the fields of a body to the last row of `builder`, or the level in its head.
    mutating func add(
        _ text: Span<UInt8>, to builder: inout EventBatchBuilder, _ names: RecordNames,
        _ known: Known
    ) {
        if Self.mayHaveAny(text), addFields(text, &builder, names, known) { return }
        guard !known.level, let found = PlainLevel.find(text) else { return }
        let (number, word) = (names.severityNumber, names.severityText)
        builder.set(.record, number.span, int: found.severity)
        if let syslog = found.syslog {
            set(&builder, word, PlainLevel.syslogNames[syslog], .string)
        } else {
            builder.set(.record, word.span, bytes: text.extracting(found.word), kind: .string)
        }
    }

    /// Adds the fields of a body that is JSON or logfmt; false when it is neither.
    private mutating func addFields(
        _ text: Span<UInt8>, _ builder: inout EventBatchBuilder, _ names: RecordNames,
        _ known: Known
    ) -> Bool {
        // Whoever uses data as keys has filled a body's columns; its other bodies stay text.
        guard builder.columnCount < Limits.maxBodyColumns else { return false }
        line.removeAll(keepingCapacity: true)
        line.append(text)
        guard readFields() else { return false }
        let bytes = line
        head.find(&fields, bytes, roles)
        if !known.level {
            let name = names.severityNumber
            if let number = head.severityNumber {
                builder.set(.record, name.span, int: number)
            }
            set(&builder, names.severityText, head.levelText, .string)
        }
        if !known.traceID { set(&builder, names.traceID, head.traceID, .id) }
        if !known.spanID { set(&builder, names.spanID, head.spanID, .id) }
        let paths = fields.paths
        for index in fields.fields.indices {
            let field = fields.fields[index]
            let name =
                field.isNameInBody
                ? bytes.span.extracting(field.name) : paths.span.extracting(field.name)
            columns.set(&builder, .attribute, name, field.value, bytes.span)
        }
        return true
    }

    private mutating func readFields() -> Bool {
        if line.first == UInt8(ascii: "{") {
            var reader = JSONReader(line.indices, allowsNonFinite: true)
            let bytes = line
            do { try fields.read(bytes.span, &reader) } catch { return false }
            return (1...Limits.maxBodyFields).contains(fields.fields.count)
        }
        guard let pairs = Logfmt.pairs(line.span, countMax: Limits.maxBodyFields) else {
            return false
        }
        fields.fields.removeAll(keepingCapacity: true)
        for pair in pairs {
            let value = value(of: pair)
            fields.fields.append(LineField(name: pair.key, isNameInBody: true, value: value))
        }
        return true
    }

    /// A number or a truth value where it is written so without quotes.
    private func value(of pair: Logfmt.Pair) -> LineField.Value {
        let range = pair.value.range
        guard !pair.isQuoted, let first = line[range].first else { return .string(pair.value) }
        if first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10 {
            var reader = JSONReader(range)
            if let number = try? reader.number(line.span), number == range {
                return .number(range)
            }
        }
        if line[range].elementsEqual("true".utf8) { return .bool(true) }
        if line[range].elementsEqual("false".utf8) { return .bool(false) }
        return .string(pair.value)
    }

    private func set(
        _ builder: inout EventBatchBuilder, _ name: [UInt8], _ value: [UInt8], _ kind: ColumnKind
    ) {
        guard !value.isEmpty else { return }
        builder.set(.record, name.span, bytes: value.span, kind: kind)
    }
}
