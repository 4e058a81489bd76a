import PerchModel

/// What is known of a record before its JSON is read.
struct LineContext {
    /// The time that the surroundings give, for a record without one.
    var timeNanos: Int64?
    /// `stdout` or `stderr`, or empty.
    var stream: [UInt8] = []
    /// Whether this is the inside of another record, which is unwrapped only once.
    var isInner = false
}

/// Turns lines into rows.
struct LineWriter {
    private let options: JSONLinesOptions
    private let receivedNanos: Int64
    private let roles: LineRoles
    private let names = RecordNames()
    private var builder = EventBatchBuilder(dataset: .logs)
    private var fields = LineFields()
    private var services: [String: UInt32] = [:]
    private var text: [UInt8] = []

    var batch: EventBatch { builder.batch }

    init(options: JSONLinesOptions, receivedNanos: Int64) {
        self.options = options
        self.receivedNanos = receivedNanos
        roles = LineRoles(options)
    }

    /// Adds the record in `range`; when it is no JSON object, adds nothing and answers why.
    mutating func object(
        _ bytes: [UInt8], _ range: Range<Int>, _ context: LineContext
    ) throws(WireFailure) -> String? {
        guard range.count <= Limits.maxLineBytes else {
            return "longer than \(Limits.maxLineBytes) bytes"
        }
        var reader = JSONReader(bytes, range: range, allowsNonFinite: true)
        do {
            guard try reader.peek() == .object else {
                try reader.skipValue()
                try reader.finish()
                return "JSON, but not an object"
            }
            try fields.read(&reader)
        } catch .malformed(let message, let position) {
            return "not JSON: \(message), at byte \(position - range.lowerBound) of the line"
        } catch .tooLarge(let message) {
            return message
        }
        if !context.isInner, let inner = wrapped(bytes, context) {
            let range = LineText.trimmed(inner.text, inner.text.indices)
            if try object(inner.text, range, inner.context) != nil {
                try plain(inner.text, range, inner.context)
            }
            return nil
        }
        try row(bytes, context)
        return nil
    }

    /// Adds a record whose body is the text in `range`.
    mutating func plain(
        _ bytes: [UInt8], _ range: Range<Int>, _ context: LineContext
    ) throws(WireFailure) {
        try begin(context.timeNanos ?? receivedNanos, service: nil)
        let line = Array(bytes[range])
        let name = names.body
        builder.set(.record, name.span, bytes: line.span, kind: .string)
        setStream(context)
    }

    private mutating func begin(_ timeNanos: Int64, service: String?) throws(WireFailure) {
        guard builder.rowCount < Limits.maxRows else {
            throw .tooLarge("more than \(Limits.maxRows) records")
        }
        try EventRows.checkColumns(builder)
        builder.beginRow(timeNanos: timeNanos, resource: resource(of: service))
    }

    private mutating func resource(of service: String?) -> UInt32 {
        let name = service ?? ""
        if let known = services[name] { return known }
        var attributes: [Resource.Attribute] = []
        if let service = service ?? options.defaultService {
            attributes.append(Resource.Attribute(key: "service.name", value: .string(service)))
        }
        let index = builder.intern(Resource(attributes + options.resource))
        services[name] = index
        return index
    }

    private mutating func setStream(_ context: LineContext) {
        guard !context.stream.isEmpty else { return }
        let name = Array("log.iostream".utf8)
        builder.set(.attribute, name.span, bytes: context.stream.span, kind: .string)
    }

    /// The record within the wrapper that Docker's json-file driver writes, if this is one.
    private func wrapped(
        _ bytes: [UInt8], _ context: LineContext
    ) -> (text: [UInt8], context: LineContext)? {
        var inner = LineContext(timeNanos: context.timeNanos, stream: [], isInner: true)
        var line: [UInt8]?
        for field in fields.fields {
            guard case .string(let string) = field.value else { continue }
            let name = fields.names[field.name]
            if name.elementsEqual("log".utf8) {
                var text: [UInt8] = []
                JSONUnescape.append(string, of: bytes, to: &text)
                line = text
            } else if name.elementsEqual("stream".utf8) {
                inner.stream = Array(bytes[string.range])
            } else if name.elementsEqual("time".utf8) {
                inner.timeNanos = TimeText.parse(bytes, string.range) ?? inner.timeNanos
            }
        }
        guard let line, !inner.stream.isEmpty, fields.fields.count <= 8 else { return nil }
        return (line, inner)
    }

    private mutating func row(_ bytes: [UInt8], _ context: LineContext) throws(WireFailure) {
        let names = names
        let head = LineHead.find(&fields, bytes, roles)
        try begin(head.timeNanos ?? context.timeNanos ?? receivedNanos, service: head.service)
        if let index = head.message { set(.record, names.body, fields.fields[index], bytes) }
        if let number = head.severityNumber {
            setRecord(names.severityNumber, int: number)
        }
        if let level = head.levelText {
            setRecord(names.severityText, level, .string)
        }
        if let id = head.traceID {
            setRecord(names.traceID, id, .id)
        }
        if let id = head.spanID {
            setRecord(names.spanID, id, .id)
        }
        for (name, index) in [
            ("exception.type", head.exceptionType), ("exception.message", head.exceptionMessage),
            ("exception.stacktrace", head.exceptionStack),
        ] {
            guard let index else { continue }
            set(.attribute, Array(name.utf8), fields.fields[index], bytes)
        }
        setStream(context)
        for field in fields.fields where !field.isConsumed {
            set(.attribute, Array(fields.names[field.name]), field, bytes)
        }
        if fields.dropped > 0 {
            setRecord(names.droppedAttributes, int: Int64(fields.dropped))
        }
    }

    private mutating func setRecord(_ name: [UInt8], int value: Int64) {
        builder.set(.record, name.span, int: value)
    }

    private mutating func setRecord(_ name: [UInt8], _ value: [UInt8], _ kind: ColumnKind) {
        builder.set(.record, name.span, bytes: value.span, kind: kind)
    }

    private mutating func set(
        _ space: FieldSpace, _ name: [UInt8], _ field: LineField, _ bytes: [UInt8]
    ) {
        switch field.value {
        case .null: return
        case .bool(let value):
            builder.set(space, name.span, int: value ? 1 : 0, kind: .bool)
        case .number(let range): setNumber(space, name, bytes, range)
        case .json(let range):
            builder.set(space, name.span, bytes: bytes.span.extracting(range), kind: .json)
        case .string(let string) where string.isPlain:
            builder.set(
                space, name.span, bytes: bytes.span.extracting(string.range), kind: .string)
        case .string(let string):
            text.removeAll(keepingCapacity: true)
            JSONUnescape.append(string, of: bytes, to: &text)
            let value = text
            builder.set(space, name.span, bytes: value.span, kind: .string)
        }
    }

    /// An integer where it is one that fits; a number beyond all doubles stays as text.
    private mutating func setNumber(
        _ space: FieldSpace, _ name: [UInt8], _ bytes: [UInt8], _ range: Range<Int>
    ) {
        if let value = JSONNumber.int(bytes, range) {
            builder.set(space, name.span, int: value)
        } else if let value = JSONNumber.double(bytes, range),
            value.isFinite || bytes[range.upperBound - 1] > UInt8(ascii: "9")
        {
            builder.set(space, name.span, double: value)
        } else {
            builder.set(space, name.span, bytes: bytes.span.extracting(range), kind: .string)
        }
    }
}
