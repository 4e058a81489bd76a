import PerchModel

/// Makes bodies of styled frames; one extension a kind.
struct ContentMaker {
    var panel: Panel
    var frames: [[StyledField]]
    var data: PanelData
    var scope: VariableScope
    var clock: UnitFormat.Clock

    func body(_ kind: PanelKind, _ notices: inout [PanelNotice]) -> PanelContent.Body {
        switch kind {
        case .timeSeries: timeSeries(&notices).map { .timeSeries($0) } ?? .empty
        case .stat: stat(&notices).map { .stat($0) } ?? .empty
        case .gauge: gauge(&notices).map { .gauge($0) } ?? .empty
        case .barGauge: gauge(&notices).map { .barGauge($0) } ?? .empty
        case .barChart: barChart(&notices).map { .barChart($0) } ?? .empty
        case .pie: pie(&notices).map { .pie($0) } ?? .empty
        case .table: table(&notices).map { .table($0) } ?? .empty
        case .heatmap: heatmap(&notices).map { .heatmap($0) } ?? .empty
        case .histogram: histogram().map { .histogram($0) } ?? .empty
        case .stateTimeline: stateTimeline(isHistory: false).map { .stateTimeline($0) } ?? .empty
        case .statusHistory: stateTimeline(isHistory: true).map { .stateTimeline($0) } ?? .empty
        case .logs, .text, .other: .empty
        }
    }

    /// Fields that hold numbers and are not hidden from the drawing.
    var numbers: [StyledField] {
        frames.joined().filter {
            ($0.field.kind == .number || $0.field.kind == .bool) && !$0.style.draw.isHidden
        }
    }

    func option(_ name: String) -> JSONValue? { panel.options?.at(name) }
}
