import PerchModel

/// Rows of events in the making: the builder, the record fields' names as bytes, and the limits.
struct EventRows: AttributeSink {
    private(set) var builder: EventBatchBuilder
    var taken = 0
    var dropped = 0
    private let names = RecordNames()
    /// Reused for values that are written as JSON text.
    private var scratch: [UInt8] = []
    private var repeatedBytes = 0
    private var body = BodyFields()

    init(_ dataset: Dataset) {
        builder = EventBatchBuilder(dataset: dataset)
    }

    mutating func intern(_ resource: Resource) -> UInt32 {
        builder.intern(resource)
    }

    /// Begins a row.
    mutating func begin(timeNanos: Int64, resource: UInt32) throws(WireFailure) {
        guard builder.rowCount < Limits.maxRows else {
            throw .tooLarge("more than \(Limits.maxRows) records")
        }
        try Self.checkColumns(builder)
        taken = 0
        dropped = 0
        builder.beginRow(timeNanos: timeNanos, resource: resource)
    }

    /// Checks the limits on distinct fields.
    static func checkColumns(_ builder: borrowing EventBatchBuilder) throws(WireFailure) {
        guard builder.columnCount <= Limits.maxColumns else {
            throw .tooLarge("more than \(Limits.maxColumns) distinct fields")
        }
        guard builder.nameByteCount <= Limits.maxColumnNameBytes else {
            throw .tooLarge("names of fields are over \(Limits.maxColumnNameBytes) bytes")
        }
    }

    mutating func setTime(_ timeNanos: Int64) {
        builder.setTime(timeNanos)
    }

    /// Ends a row with what its scope and the counts add.
    mutating func finish(
        _ bytes: Span<UInt8>, scope: Scope, droppedBySender: UInt64
    ) throws(WireFailure) {
        repeatedBytes += scope.repeatedBytes
        guard repeatedBytes <= Limits.maxRepeatedBytes else {
            throw .tooLarge("scopes repeated over their records are over the limit")
        }
        if !scope.name.isEmpty { text(.scopeName, bytes.extracting(scope.name)) }
        if !scope.version.isEmpty { text(.scopeVersion, bytes.extracting(scope.version)) }
        if !scope.attributes.isEmpty {
            for attribute in scope.attributes {
                builder.set(.attribute, attribute.key, attribute.value)
            }
        }
        let count = Int64(clamping: droppedBySender).addingReportingOverflow(Int64(dropped))
        if count.partialValue != 0 {
            int(.droppedAttributes, count.overflow ? .max : count.partialValue)
        }
    }

    mutating func int(_ field: RecordKey, _ value: Int64) {
        builder.set(field, int: value)
    }

    mutating func text(_ field: RecordKey, _ value: Span<UInt8>) {
        builder.set(field, bytes: value, kind: .string)
    }

    mutating func json(_ field: RecordKey, _ value: Span<UInt8>) {
        builder.set(field, bytes: value, kind: .json)
    }

    /// Sets an id when it is one: of this length, and not all zero.
    mutating func id(_ field: RecordKey, _ value: Span<UInt8>, count: Int) {
        guard Identifier.isValid(value, count: count) else { return }
        builder.set(field, bytes: value, kind: .id)
    }

    /// Reads an attribute.
    @inline(__always)
    mutating func attribute(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(WireFailure) {
        // Fast path: text under a name that came here in an earlier record.
        if taken < Limits.maxAttributes, let pair = ShortText(bytes, range),
            builder.setNext(bytes.extracting(pair.key), text: bytes.extracting(pair.text))
        {
            taken += 1
        } else {
            try read(bytes, range)
        }
    }

    mutating func take(
        _ bytes: Span<UInt8>, name: Span<UInt8>, value: AnyValue
    ) throws(WireFailure) {
        try set(.attribute, bytes, name: name, value: value)
    }

    /// Adds what a body says of itself, behind all other fields of its row.
    mutating func bodyFields(_ text: Span<UInt8>, _ known: BodyFields.Known) {
        body.add(text, to: &builder, names, known)
    }

    /// Sets the body, of any type.
    mutating func body(_ bytes: Span<UInt8>, _ value: AnyValue) throws(WireFailure) {
        // Fast path: text.
        if case .string(let range) = value { return text(.body, bytes.extracting(range)) }
        let name = names.body
        try set(.record, bytes, name: name.span, value: value)
    }

    /// Sets a field of any type.
    private mutating func set(
        _ space: FieldSpace, _ bytes: Span<UInt8>, name: Span<UInt8>, value: AnyValue
    ) throws(WireFailure) {
        switch value {
        case .none: return
        case .string(let range):
            builder.set(space, name, bytes: bytes.extracting(range), kind: .string)
        case .bytes(let range):
            builder.set(space, name, bytes: bytes.extracting(range), kind: .bytes)
        case .bool(let value): builder.set(space, name, int: value ? 1 : 0, kind: .bool)
        case .int(let value): builder.set(space, name, int: value)
        case .double(let value): builder.set(space, name, double: value)
        case .array, .map:
            var text: [UInt8] = []
            swap(&text, &scratch)
            text.removeAll(keepingCapacity: true)
            try AnyValueJSON.append(bytes, value, to: &text)
            builder.set(space, name, bytes: text.span, kind: .json)
            swap(&text, &scratch)
        }
    }
}

/// Trace and span ids.
enum Identifier {
    static let traceBytes = 16
    static let spanBytes = 8

    /// Whether these are `count` bytes that are not all zero (W3C Trace Context, section 3.2.2).
    @inline(__always)
    static func isValid(_ bytes: Span<UInt8>, count: Int) -> Bool {
        guard bytes.count == count else { return false }
        var all: UInt8 = 0
        for index in bytes.indices { all |= bytes[index] }
        return all != 0
    }
}

/// The names of ``RecordField`` as bytes, made once a body.
///
/// A class, so that handing them on counts one reference and not one a name.
final class RecordNames: Sendable {
    let body = Array(RecordField.body.utf8)
    let severityNumber = Array(RecordField.severityNumber.utf8)
    let severityText = Array(RecordField.severityText.utf8)
    let observedTime = Array(RecordField.observedTime.utf8)
    let eventName = Array(RecordField.eventName.utf8)
    let traceID = Array(RecordField.traceID.utf8)
    let spanID = Array(RecordField.spanID.utf8)
    let flags = Array(RecordField.flags.utf8)
    let scopeName = Array(RecordField.scopeName.utf8)
    let scopeVersion = Array(RecordField.scopeVersion.utf8)
    let droppedAttributes = Array(RecordField.droppedAttributes.utf8)
    let parentSpanID = Array(RecordField.parentSpanID.utf8)
    let traceState = Array(RecordField.traceState.utf8)
    let name = Array(RecordField.name.utf8)
    let kind = Array(RecordField.kind.utf8)
    let duration = Array(RecordField.duration.utf8)
    let statusCode = Array(RecordField.statusCode.utf8)
    let statusMessage = Array(RecordField.statusMessage.utf8)
    let events = Array(RecordField.events.utf8)
    let links = Array(RecordField.links.utf8)
    let droppedEvents = Array(RecordField.droppedEvents.utf8)
    let droppedLinks = Array(RecordField.droppedLinks.utf8)
}
