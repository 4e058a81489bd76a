import PerchModel

/// Gives every field of a panel its name and looks.
struct FieldStyler {
    var config: FieldConfig
    var scope: VariableScope
    var clock: UnitFormat.Clock

    /// The frames' fields, styled, and notices of matchers that are not known.
    func styled(_ frames: [Frame]) -> (fields: [[StyledField]], notices: [PanelNotice]) {
        let prepared = config.overrides.map { $0.matcher.prepared() }
        var notices: [PanelNotice] = []
        for (override, matcher) in zip(config.overrides, prepared) where matcher == nil {
            let notice = PanelNotice.matcher(override.matcher.id)
            if !notices.contains(notice) { notices.append(notice) }
        }
        let bounds = Self.bounds(frames)
        var cache: [[String: JSONValue]: FieldStyle] = [:]
        var seriesIndex = 0
        let result = frames.map { frame in
            frame.fields.map { field -> StyledField in
                let name = FieldName.text(field, in: frame, among: frames)
                let properties = config.properties(
                    of: field, named: name, in: frame, prepared)
                let style = cache[properties] ?? FieldStyle(properties)
                cache[properties] = style
                let isSeries = field.kind == .number || field.kind == .bool
                defer { if isSeries { seriesIndex += 1 } }
                let scope = self.scope(field, name: name, frame)
                return StyledField(
                    field: field, frame: frame,
                    name: style.displayName.map {
                        Interpolator(scope: scope, policy: .text).text($0)
                    } ?? name,
                    style: style, seriesIndex: seriesIndex,
                    least: style.min ?? bounds.least,
                    greatest: style.max ?? bounds.greatest, clock: clock, scope: scope)
            }
        }
        return (result, notices)
    }

    private func scope(_ field: Field, name: String, _ frame: Frame) -> VariableScope {
        var scope = self.scope
        scope.paths["__field.name"] = field.name
        scope.paths["__field.displayName"] = name
        scope.paths["__series.name"] = frame.name ?? name
        for label in field.labels {
            scope.paths["__field.labels." + label.name] = label.value
            scope.paths["__series.labels." + label.name] = label.value
        }
        if !field.labels.isEmpty {
            scope.paths["__field.labels"] = FieldName.series(field.labels)
        }
        return scope
    }

    /// The least and the greatest of all numbers that are shown.
    private static func bounds(_ frames: [Frame]) -> (least: Double, greatest: Double) {
        var least = Double.infinity
        var greatest = -Double.infinity
        for frame in frames {
            for field in frame.fields where field.kind == .number {
                for value in field.column.doubles where value.isFinite {
                    least = min(least, value)
                    greatest = max(greatest, value)
                }
            }
        }
        return least <= greatest ? (least, greatest) : (0, 100)
    }
}
