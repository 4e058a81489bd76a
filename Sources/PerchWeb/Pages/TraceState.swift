package import PerchModel

/// What the address of a trace's page says besides the trace.
package struct TraceState: Sendable, Hashable {
    package enum View: String, Sendable, CaseIterable {
        case waterfall
        case flame

        var words: String {
            switch self {
            case .waterfall: "Waterfall"
            case .flame: "Flame"
            }
        }
    }

    package var view = View.waterfall
    /// The span that stands at the top, with what is under it.
    package var top: String?
    /// The span that the reader looks for: its row is among those shown, open and in view.
    package var near: String?
    /// How many of its first children are passed over.
    package var skip = 0

    package init() {}

    package init(_ parameters: FormParameters) {
        view = parameters["view"].flatMap(View.init(rawValue:)) ?? .waterfall
        top = parameters["span"].flatMap { $0.isEmpty ? nil : String($0.prefix(200)) }
        near = parameters["near"].flatMap { $0.isEmpty ? nil : String($0.prefix(200)) }
        skip = max(0, parameters["skip"].flatMap(Int.init) ?? 0)
    }

    func link(_ id: String) -> Link {
        Link(
            "/trace", segment: id,
            query: [
                ("view", view == .waterfall ? nil : view.rawValue), ("span", top), ("near", near),
                ("skip", skip == 0 ? nil : String(skip)),
            ])
    }

    func with(_ change: (inout TraceState) -> Void) -> TraceState {
        var copy = self
        change(&copy)
        return copy
    }
}
