package import PerchModel

/// How a panel's fields look: defaults, and properties of some fields.
package struct FieldConfig: Sendable, Hashable {
    package struct Override: Sendable, Hashable {
        package var matcher: FieldMatcher
        /// Property ids as `unit` or `custom.drawStyle`, in the order of the file.
        package var properties: [Property]
    }

    package struct Property: Sendable, Hashable {
        package var id: String
        package var value: JSONValue

        init(_ id: String, _ value: JSONValue) {
            self.id = id
            self.value = value
        }
    }

    /// By property id, as in `Override`.
    package var defaults: [String: JSONValue]
    package var overrides: [Override]

    /// Reads `fieldConfig`, and what panels had before there was one.
    init(panel json: JSONValue, type: String) {
        defaults = [:]
        overrides = []
        let config = json.at("fieldConfig")
        let isOld = ["graph", "singlestat", "table-old", "grafana-piechart-panel"].contains(type)
        if isOld || config?.at("defaults") == nil {
            (defaults, overrides) = OldPanel.config(json, type: type)
        }
        for member in (config?.at("defaults")).members where member.value != .null {
            if member.name == "custom" {
                for inner in member.value.members where inner.value != .null {
                    defaults["custom." + inner.name] = inner.value
                }
            } else {
                defaults[member.name] = member.value
            }
        }
        // Panels of version 6 kept theirs in the options.
        let old = json.at("options", "fieldOptions") ?? json.at("options", "field")
        if config == nil, let old {
            for member in (old.at("defaults") ?? old).members where defaults[member.name] == nil {
                defaults[member.name] = member.value
            }
        }
        for override in (config?.at("overrides")).items.prefix(1_000) {
            guard let matcher = FieldMatcher(override.at("matcher")) else { continue }
            overrides.append(
                Override(
                    matcher: matcher, properties: Self.properties(override.at("properties").items)))
        }
    }

    /// Each property once, with its last value.
    private static func properties(_ items: [JSONValue]) -> [Property] {
        var properties: [Property] = []
        var places: [String: Int] = [:]
        for item in items {
            guard let id = item.at("id")?.nonEmptyText else { continue }
            let property = Property(id, item.at("value") ?? .null)
            if let place = places[id] {
                properties[place] = property
            } else if properties.count < Limits.calculationsMax {
                places[id] = properties.count
                properties.append(property)
            }
        }
        return properties
    }

    /// All the properties of one field: the defaults with every override that fits, in order.
    func properties(
        of field: Field, named name: String, in frame: Frame,
        _ prepared: [FieldMatcher.Prepared?]
    ) -> [String: JSONValue] {
        var merged = defaults
        for (override, matcher) in zip(overrides, prepared) {
            guard let matcher, matcher.fits(field, name: name, in: frame) else { continue }
            for property in override.properties { merged[property.id] = property.value }
        }
        return merged
    }

    /// The unit ids that the file names.
    package var units: [String] {
        let inOverrides = overrides.flatMap { $0.properties.filter { $0.id == "unit" } }
            .compactMap { $0.value.scalarText }
        return (defaults["unit"]?.scalarText.map { [$0] } ?? []) + inOverrides
    }
}
