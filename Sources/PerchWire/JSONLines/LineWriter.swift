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
    private var head = LineHead()
    /// Resources by what their lines say of their sender.
    private var senders = ByteInterner()
    private var senderResources: [UInt32] = []
    private var sender: [UInt8] = []
    /// Senders of the lines before, the last one first.
    private var recentSenders: [Int] = []
    private var body = BodyFields()
    private var columns = JSONColumns()

    var batch: EventBatch { builder.batch }
    var rowCount: Int { builder.rowCount }

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
        var reader = JSONReader(range, allowsNonFinite: true)
        do {
            guard try reader.peek(bytes.span) == .object else {
                try reader.skipValue(bytes.span)
                try reader.finish(bytes.span)
                return "JSON, but not an object"
            }
            try fields.read(bytes.span, &reader)
        } catch .malformed(let message, let position) {
            return "not JSON: \(message), at byte \(position - range.lowerBound) of the line"
        } catch .tooLarge(let message) {
            return message
        }
        if !context.isInner, fields.fields.count <= Self.wrapperFieldsMax,
            let inner = wrapped(bytes, context)
        {
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
        try begin(
            context.timeNanos ?? receivedNanos,
            resource: resource(of: [], service: [], bytes, []))
        let name = names.body
        builder.set(.record, name.span, bytes: bytes.span.extracting(range), kind: .string)
        setStream(context)
        body.add(bytes.span.extracting(range), to: &builder, names, BodyFields.Known())
    }

    private mutating func begin(_ timeNanos: Int64, resource: UInt32) throws(WireFailure) {
        guard builder.rowCount < Limits.maxRows else {
            throw .tooLarge("more than \(Limits.maxRows) records")
        }
        try EventRows.checkColumns(builder)
        builder.beginRow(timeNanos: timeNanos, resource: resource)
    }

    /// The resource of the line whose fields were read last.
    private mutating func resource(_ bytes: [UInt8]) -> UInt32 {
        // Fast path: a sender of one of the lines before.
        for place in recentSenders.indices where isSender(recentSenders[place], bytes.span) {
            if place > 0 { recentSenders.swapAt(0, place) }
            return senderResources[recentSenders[0]]
        }
        let resource = madeResource(bytes)
        if let code = senders.known(sender.span) {
            if recentSenders.count == Self.recentSendersMax { recentSenders.removeLast() }
            recentSenders.insert(Int(code), at: 0)
        }
        return resource
    }

    /// Whether the line's sender is one that is known, as `madeResource` writes it.
    private func isSender(_ code: Int, _ bytes: Span<UInt8>) -> Bool {
        let (knownBytes, service) = (senders.bytes, head.service)
        let known = knownBytes.span
        let end = Int(senders.ends[code])
        var position = code == 0 ? 0 : Int(senders.ends[code - 1])
        guard Self.take(service.span, known, &position, end) else { return false }
        for index in head.senders {
            let field = fields.fields[index]
            guard field.isNameInBody, Self.take(0, known, &position, end),
                Self.take(bytes.extracting(field.name), known, &position, end),
                Self.take(0, known, &position, end)
            else { return false }
            let isSame =
                switch field.value {
                case .string(let string):
                    Self.take(bytes.extracting(string.range), known, &position, end)
                case .number(let range):
                    Self.take(bytes.extracting(range), known, &position, end)
                case .bool(let value): Self.take(value ? 1 : 2, known, &position, end)
                case .null, .json: true
                }
            guard isSame else { return false }
        }
        return position == end
    }

    /// Whether some bytes come next in what is known, and moves past them.
    @inline(__always)
    private static func take(
        _ part: Span<UInt8>, _ known: Span<UInt8>, _ position: inout Int, _ end: Int
    ) -> Bool {
        guard part.count <= end &- position, stands(part, in: known, at: position) else {
            return false
        }
        position &+= part.count
        return true
    }

    @inline(__always)
    private static func take(
        _ byte: UInt8, _ known: Span<UInt8>, _ position: inout Int, _ end: Int
    ) -> Bool {
        guard position < end, known[position] == byte else { return false }
        position &+= 1
        return true
    }

    private mutating func madeResource(_ bytes: [UInt8]) -> UInt32 {
        sender.removeAll(keepingCapacity: true)
        sender.append(contentsOf: head.service)
        if !head.senders.isEmpty, senders.count < Limits.maxSenders {
            for index in head.senders {
                sender.append(0)
                let field = fields.fields[index]
                if field.isNameInBody {
                    sender.append(bytes.span.extracting(field.name))
                } else {
                    sender.append(contentsOf: fields.paths[field.name])
                }
                sender.append(0)
                switch field.value {
                case .string(let string): sender.append(bytes.span.extracting(string.range))
                case .number(let range): sender.append(bytes.span.extracting(range))
                case .bool(let value): sender.append(value ? 1 : 2)
                case .null, .json: continue
                }
            }
        } else {
            for index in head.senders { fields.fields[index].isConsumed = false }
        }
        return resource(of: sender, service: head.service, bytes, head.senders)
    }

    private mutating func resource(
        of key: [UInt8], service: [UInt8], _ bytes: [UInt8], _ indexes: [Int]
    ) -> UInt32 {
        if let known = senders.known(key.span) { return senderResources[Int(known)] }
        let isFull = indexes.isEmpty || senders.count >= Limits.maxSenders
        let resource = intern(service, isFull ? [] : indexes.map { attribute($0, bytes) })
        _ = senders.code(of: key.span)
        senderResources.append(resource)
        return resource
    }

    private mutating func intern(
        _ service: [UInt8], _ others: [Resource.Attribute]
    ) -> UInt32 {
        var attributes: [Resource.Attribute] = []
        let name =
            service.isEmpty ? options.defaultService : String(decoding: service, as: UTF8.self)
        if let name {
            attributes.append(Resource.Attribute(key: "service.name", value: .string(name)))
        }
        return builder.intern(Resource(attributes + others + options.resource))
    }

    /// A field of the line as an attribute of its sender.
    private func attribute(_ index: Int, _ bytes: [UInt8]) -> Resource.Attribute {
        let field = fields.fields[index]
        let name = field.isNameInBody ? bytes[field.name] : fields.paths[field.name]
        let value: FieldValue
        switch field.value {
        case .string(let string):
            var text: [UInt8] = []
            JSONUnescape.append(string, of: bytes.span, to: &text)
            value = .string(String(decoding: text, as: UTF8.self))
        case .number(let range):
            if let number = JSONNumber.int(bytes.span, range) {
                value = .int(number)
            } else {
                value = .string(String(decoding: bytes[range], as: UTF8.self))
            }
        case .bool(let flag): value = .bool(flag)
        case .null, .json: value = .string("")
        }
        return Resource.Attribute(key: String(decoding: name, as: UTF8.self), value: value)
    }

    private mutating func setStream(_ context: LineContext) {
        guard !context.stream.isEmpty else { return }
        builder.set(
            .attribute, Self.stream.span, bytes: context.stream.span, kind: .string)
    }

    /// The record within the wrapper that Docker's json-file driver writes, if this is one.
    private func wrapped(
        _ bytes: [UInt8], _ context: LineContext
    ) -> (text: [UInt8], context: LineContext)? {
        var inner = LineContext(timeNanos: context.timeNanos, stream: [], isInner: true)
        var line: [UInt8]?
        for field in fields.fields {
            guard case .string(let string) = field.value else { continue }
            guard field.isNameInBody else { continue }
            if bytes[field.name].elementsEqual("log".utf8) {
                var text: [UInt8] = []
                JSONUnescape.append(string, of: bytes.span, to: &text)
                line = text
            } else if bytes[field.name].elementsEqual("stream".utf8) {
                inner.stream = Array(bytes[string.range])
            } else if bytes[field.name].elementsEqual("time".utf8) {
                inner.timeNanos = TimeText.parse(bytes, string.range) ?? inner.timeNanos
            }
        }
        guard let line, !inner.stream.isEmpty else { return nil }
        return (line, inner)
    }

    private mutating func row(_ bytes: [UInt8], _ context: LineContext) throws(WireFailure) {
        head.find(&fields, bytes, roles)
        try begin(
            head.timeNanos ?? context.timeNanos ?? receivedNanos, resource: resource(bytes))
        setMessage(bytes)
        if let number = head.severityNumber { builder.set(.severityNumber, int: number) }
        let (level, traceID, spanID) = (head.levelText, head.traceID, head.spanID)
        if !level.isEmpty { builder.set(.severityText, bytes: level.span, kind: .string) }
        if !traceID.isEmpty { builder.set(.traceID, bytes: traceID.span, kind: .id) }
        if !spanID.isEmpty { builder.set(.spanID, bytes: spanID.span, kind: .id) }
        set(.exceptionType, .attribute, Self.exceptionType, bytes)
        set(.exceptionMessage, .attribute, Self.exceptionMessage, bytes)
        set(.exceptionStack, .attribute, Self.exceptionStack, bytes)
        setStream(context)
        for index in fields.fields.indices where !fields.fields[index].isConsumed {
            let field = fields.fields[index]
            if field.isNameInBody {
                set(.attribute, bytes.span.extracting(field.name), field.value, bytes.span)
            } else {
                // A copy of the reference, since a span of the property would hold all of self.
                let paths = fields.paths
                set(.attribute, paths.span.extracting(field.name), field.value, bytes.span)
            }
        }
        if fields.dropped > 0 {
            builder.set(.droppedAttributes, int: Int64(fields.dropped))
        }
    }

    private mutating func setMessage(_ bytes: [UInt8]) {
        guard let index = head.field(.message) else { return }
        // Fast path: text that stands in the line as it is.
        if case .string(let string) = fields.fields[index].value, string.isPlain {
            builder.set(.body, bytes: bytes.span.extracting(string.range), kind: .string)
            return
        }
        let name = names.body
        set(.record, name.span, fields.fields[index].value, bytes.span)
    }

    /// Sets the field that has a role, when one has.
    private mutating func set(
        _ role: LineRole, _ space: FieldSpace, _ name: [UInt8], _ bytes: [UInt8]
    ) {
        guard let index = head.field(role) else { return }
        set(space, name.span, fields.fields[index].value, bytes.span)
    }

    private mutating func set(
        _ space: FieldSpace, _ name: Span<UInt8>, _ value: LineField.Value, _ bytes: Span<UInt8>
    ) {
        columns.set(&builder, space, name, value, bytes)
    }

    /// Docker's wrapper has three fields, and a few more with options of the driver.
    private static let wrapperFieldsMax = 8
    private static let recentSendersMax = 4
    private static let stream = Array("log.iostream".utf8)
    private static let exceptionType = Array("exception.type".utf8)
    private static let exceptionMessage = Array("exception.message".utf8)
    private static let exceptionStack = Array("exception.stacktrace".utf8)
}
