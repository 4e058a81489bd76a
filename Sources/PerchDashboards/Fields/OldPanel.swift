import PerchModel

/// The graphs, stats and tables of before version 7, in the words of today.
enum OldPanel {
    typealias Config = (defaults: [String: JSONValue], overrides: [FieldConfig.Override])

    static func config(_ json: JSONValue, type: String) -> Config {
        switch type {
        case "singlestat": return (singleStat(json), [])
        case "table-old": return ([:], tableStyles(json))
        case "table" where json.at("styles") != nil: return ([:], tableStyles(json))
        case "grafana-piechart-panel":
            return (json.at("format").map { ["unit": $0] } ?? [:], aliasColours(json))
        default:
            guard json.at("yaxes") != nil || type == "graph" else { return ([:], []) }
            return (graph(json), seriesOverrides(json))
        }
    }

    // MARK: - Graph

    private static func graph(_ json: JSONValue) -> [String: JSONValue] {
        var result: [String: JSONValue] = [:]
        let left = json.at("yaxes").items.first ?? json.at("grid")
        axis(left, to: &result)
        let hasBars = json.at("bars").isTrue
        let hasLines = json.at("lines")?.flag ?? true
        let hasPoints = json.at("points").isTrue
        result["custom.drawStyle"] = .string(hasBars ? "bars" : hasLines ? "line" : "points")
        result["custom.showPoints"] = .string(hasPoints ? "always" : "never")
        result["custom.pointSize"] = json.at("pointradius")
        result["custom.lineWidth"] = json.at("linewidth") ?? .number("1")
        // A fill of 10 of old is all of the colour.
        let fill = json.at("fill")?.double ?? 1
        result["custom.fillOpacity"] = .number(NumberText.plain(hasBars ? 100 : fill * 10))
        if json.at("steppedLine").isTrue {
            result["custom.lineInterpolation"] = .string("stepAfter")
        }
        if json.at("dashes").isTrue { result["custom.lineStyle"] = dash(json) }
        if json.at("stack").isTrue {
            result["custom.stacking"] = stacking(
                json.at("percentage").isTrue ? "percent" : "normal")
        }
        if json.at("nullPointMode")?.scalarText == "connected" {
            result["custom.spanNulls"] = .bool(true)
        }
        result["decimals"] = json.at("decimals")
        result["color"] = object([("mode", .string("palette-classic"))])
        thresholds(json, to: &result)
        return result
    }

    private static func axis(_ axis: JSONValue?, to result: inout [String: JSONValue]) {
        guard let axis else { return }
        result["unit"] = axis.at("format")
        result["min"] = axis.at("min")
        result["max"] = axis.at("max")
        if let label = axis.at("label") { result["custom.axisLabel"] = label }
        if let base = axis.at("logBase")?.integer, base > 1 {
            result["custom.scaleDistribution"] = object([
                ("type", .string("log")), ("log", .number(base == 2 ? "2" : "10")),
            ])
        }
        if axis.at("show")?.flag == false { result["custom.axisPlacement"] = .string("hidden") }
    }

    private static func thresholds(_ json: JSONValue, to result: inout [String: JSONValue]) {
        let lines = json.at("thresholds").items.compactMap { item -> (Double, JSONValue)? in
            guard let value = item.at("value")?.double else { return nil }
            let name =
                item.at("lineColor")?.scalarText
                ?? (item.at("colorMode")?.scalarText == "warning" ? "orange" : "red")
            return (value, .string(name))
        }.sorted { $0.0 < $1.0 }
        guard !lines.isEmpty else { return }
        result["thresholds"] = steps(
            [(nil, .string("transparent"))] + lines.map { (Optional($0.0), $0.1) })
        result["custom.thresholdsStyle"] = object([("mode", .string("line"))])
    }

    private static func seriesOverrides(_ json: JSONValue) -> [FieldConfig.Override] {
        aliasColours(json)
            + json.at("seriesOverrides").items.prefix(500).compactMap { item in
                guard let alias = item.at("alias")?.nonEmptyText else { return nil }
                let properties = item.members.flatMap { property($0, of: item, panel: json) }
                return FieldConfig.Override(matcher: matcher(alias), properties: properties)
            }
    }

    private static func aliasColours(_ json: JSONValue) -> [FieldConfig.Override] {
        json.at("aliasColors").members.prefix(1_000).map { member in
            FieldConfig.Override(
                matcher: FieldMatcher(id: "byName", options: .string(member.name)),
                properties: [.init("color", fixed(member.value))])
        }
    }

    private static func matcher(_ alias: String) -> FieldMatcher {
        FieldMatcher(
            id: alias.hasPrefix("/") ? "byRegexp" : "byName", options: .string(alias))
    }

    private static func property(
        _ member: JSONValue.Member, of item: JSONValue, panel: JSONValue
    ) -> [FieldConfig.Property] {
        let value = member.value
        switch member.name {
        case "color": return [.init("color", fixed(value))]
        case "fill": return [.init("custom.fillOpacity", scaled(value, by: 10))]
        case "linewidth": return [.init("custom.lineWidth", value)]
        case "bars" where value.flag == true: return [.init("custom.drawStyle", .string("bars"))]
        case "lines" where value.flag == true: return [.init("custom.drawStyle", .string("line"))]
        case "points" where value.flag == true:
            return [
                .init("custom.drawStyle", .string("points")),
                .init("custom.showPoints", .string("always")),
            ]
        case "pointradius": return [.init("custom.pointSize", value)]
        case "steppedLine" where value.flag == true:
            return [.init("custom.lineInterpolation", .string("stepAfter"))]
        case "dashes" where value.flag == true: return [.init("custom.lineStyle", dash(item))]
        case "transform" where value.scalarText == "negative-Y":
            return [.init("custom.transform", .string("negative-Y"))]
        case "legend" where value.flag == false:
            return [.init("custom.hideFrom", object([("legend", .bool(true))]))]
        case "hiddenSeries" where value.flag == true:
            return [.init("custom.hideFrom", object([("viz", .bool(true))]))]
        case "nullPointMode":
            return [.init("custom.spanNulls", .bool(value.scalarText == "connected"))]
        case "fillBelowTo": return [.init("custom.fillBelowTo", value)]
        case "stack":
            guard let isStacked = value.flag else {
                return [
                    .init(
                        "custom.stacking",
                        object([("mode", .string("normal")), ("group", value)]))
                ]
            }
            return [.init("custom.stacking", stacking(isStacked ? "normal" : "none"))]
        case "yaxis" where value.integer == 2: return rightAxis(panel)
        default: return []
        }
    }

    /// What the axis on the right says, for the series on it.
    private static func rightAxis(_ panel: JSONValue) -> [FieldConfig.Property] {
        var result: [String: JSONValue] = [:]
        axis(panel.at("yaxes").items.dropFirst().first, to: &result)
        result["custom.axisPlacement"] = .string("right")
        return result.sorted { $0.key < $1.key }.map { FieldConfig.Property($0.key, $0.value) }
    }

    // MARK: - Single stat and table

    private static func singleStat(_ json: JSONValue) -> [String: JSONValue] {
        var result: [String: JSONValue] = [:]
        result["unit"] = json.at("format")
        result["decimals"] = json.at("decimals")
        result["noValue"] = json.at("nullText")
        if let gauge = json.at("gauge"), gauge.at("show").isTrue {
            result["min"] = gauge.at("minValue")
            result["max"] = gauge.at("maxValue")
        }
        let maps = json.at("valueMaps").items + json.at("rangeMaps").items
        if !maps.isEmpty { result["mappings"] = .array(maps) }
        // `10,20` and three colours.
        let values = (json.at("thresholds")?.scalarText ?? "").split(separator: ",")
            .compactMap { Double($0.trimmed) }
        let colours = json.at("colors").items
        if let first = colours.first, !values.isEmpty {
            let rest = zip(values, colours.dropFirst()).map { (Optional($0), $1) }
            result["thresholds"] = steps([(nil, first)] + rest)
        }
        result["color"] = object([("mode", .string("thresholds"))])
        return result
    }

    private static func tableStyles(_ json: JSONValue) -> [FieldConfig.Override] {
        json.at("styles").items.prefix(500).compactMap { style in
            guard let pattern = style.at("pattern")?.nonEmptyText else { return nil }
            var properties: [FieldConfig.Property] = []
            if let alias = style.at("alias")?.nonEmptyText {
                properties.append(.init("displayName", .string(alias)))
            }
            switch style.at("type")?.scalarText {
            case "hidden": properties.append(.init("custom.hidden", .bool(true)))
            case "date":
                let format = style.at("dateFormat")?.nonEmptyText ?? "YYYY-MM-DD HH:mm:ss"
                properties.append(.init("unit", .string("time:" + format)))
            case "number":
                if let unit = style.at("unit") { properties.append(.init("unit", unit)) }
                if let count = style.at("decimals") { properties.append(.init("decimals", count)) }
            default: break
            }
            if let target = style.at("linkUrl")?.nonEmptyText, style.at("link").isTrue {
                let link = object([
                    ("title", style.at("linkTooltip") ?? .string(target)),
                    ("url", .string(target)),
                ])
                properties.append(.init("links", .array([link])))
            }
            return FieldConfig.Override(matcher: matcher(pattern), properties: properties)
        }
    }

    // MARK: - Values

    static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(members.map { JSONValue.Member(name: $0.0, value: $0.1) })
    }

    private static func fixed(_ colour: JSONValue) -> JSONValue {
        object([("mode", .string("fixed")), ("fixedColor", colour)])
    }

    private static func stacking(_ mode: String) -> JSONValue {
        object([("mode", .string(mode)), ("group", .string("A"))])
    }

    private static func dash(_ json: JSONValue) -> JSONValue {
        object([
            ("fill", .string("dash")),
            (
                "dash",
                .array([
                    json.at("dashLength") ?? .number("10"), json.at("spaceLength") ?? .number("10"),
                ])
            ),
        ])
    }

    private static func scaled(_ value: JSONValue, by factor: Double) -> JSONValue {
        .number(NumberText.plain((value.double ?? 0) * factor))
    }

    private static func steps(_ steps: [(Double?, JSONValue)]) -> JSONValue {
        object([
            ("mode", .string("absolute")),
            (
                "steps",
                .array(
                    steps.map { value, colour in
                        object([
                            ("value", value.map { .number(NumberText.plain($0)) } ?? .null),
                            ("color", colour),
                        ])
                    })
            ),
        ])
    }
}
