/// A field of ``RecordField`` that decoders set for every row: known by its number, so that a builder
/// compares no names.
package enum RecordKey: Int, Sendable, CaseIterable {
    case body
    case severityNumber
    case severityText
    case observedTime
    case eventName
    case traceID
    case spanID
    case flags
    case scopeName
    case scopeVersion
    case droppedAttributes
    case parentSpanID
    case traceState
    case name
    case kind
    case duration
    case statusCode
    case statusMessage
    case events
    case links
    case droppedEvents
    case droppedLinks

    package var fieldName: String {
        switch self {
        case .body: RecordField.body
        case .severityNumber: RecordField.severityNumber
        case .severityText: RecordField.severityText
        case .observedTime: RecordField.observedTime
        case .eventName: RecordField.eventName
        case .traceID: RecordField.traceID
        case .spanID: RecordField.spanID
        case .flags: RecordField.flags
        case .scopeName: RecordField.scopeName
        case .scopeVersion: RecordField.scopeVersion
        case .droppedAttributes: RecordField.droppedAttributes
        case .parentSpanID: RecordField.parentSpanID
        case .traceState: RecordField.traceState
        case .name: RecordField.name
        case .kind: RecordField.kind
        case .duration: RecordField.duration
        case .statusCode: RecordField.statusCode
        case .statusMessage: RecordField.statusMessage
        case .events: RecordField.events
        case .links: RecordField.links
        case .droppedEvents: RecordField.droppedEvents
        case .droppedLinks: RecordField.droppedLinks
        }
    }
}
