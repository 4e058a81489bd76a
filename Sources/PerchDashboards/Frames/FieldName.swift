/// The names of fields, as people and matchers see them.
enum FieldName {
    /// The name that a field has among all fields of a panel.
    static func text(_ field: Field, in frame: Frame, among frames: [Frame]) -> String {
        if let legend = field.legend, !legend.isEmpty { return legend }
        if field.kind == .time { return field.name.isEmpty ? "Time" : field.name }
        if let name = frame.name, !name.isEmpty,
            frame.fields.count(where: { $0.kind != .time }) == 1
        {
            return name
        }
        guard !field.labels.isEmpty else { return field.name }
        return field.name + " " + series(field.labels)
    }

    /// `name{job="api"}`, as queries without a legend show it.
    static func series(_ labels: [FrameLabel]) -> String {
        let name = labels.first { $0.name == "__name__" }?.value ?? ""
        let rest = labels.filter { $0.name != "__name__" }.map { "\($0.name)=\"\($0.value)\"" }
        return name
            + (rest.isEmpty && !name.isEmpty ? "" : "{" + rest.joined(separator: ", ") + "}")
    }

    /// A legend's template with labels put in: `{{job}} at {{instance}}`.
    static func legend(_ template: String, _ labels: [FrameLabel]) -> String {
        var result = ""
        var rest = template[...]
        while let open = rest.firstRange(of: "{{") {
            result += rest[..<open.lowerBound]
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                return result + rest[open.lowerBound...]
            }
            let name = String(rest[open.upperBound..<close.lowerBound]).trimmed
            result += labels.first { $0.name == name }?.value ?? ""
            rest = rest[close.upperBound...]
        }
        return result + rest
    }
}
