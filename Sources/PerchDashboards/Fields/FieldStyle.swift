import PerchModel

/// How one field looks: its properties, read.
package struct FieldStyle: Sendable {
    package enum ColourMode: Sendable, Hashable {
        case thresholds
        case fixed(Colour)
        /// By the place of the series.
        case palette
        /// By the name of the series.
        case paletteByName
        /// A scale that goes from the least to the greatest value.
        case scale(String)
    }

    package var unitID: String
    package var unit: UnitFormat
    package var decimals: Int?
    package var min: Double?
    package var max: Double?
    package var thresholds: Thresholds
    package var mappings: [ValueMapping]
    package var colourMode: ColourMode
    package var noValue: String
    package var displayName: String?
    package var links: [DashboardLink]
    package var description: String
    package var draw: DrawStyle
    package var cell: CellStyle

    init(_ properties: [String: JSONValue]) {
        unitID = properties["unit"]?.scalarText ?? ""
        unit = UnitFormat(unit: unitID)
        decimals = properties["decimals"]?.integer.map { Swift.min(Swift.max($0, 0), 20) }
        min = properties["min"]?.double
        max = properties["max"]?.double
        thresholds = Thresholds(properties["thresholds"]) ?? .standard
        mappings = ValueMapping.list(properties["mappings"])
        noValue = properties["noValue"]?.scalarText ?? ""
        displayName = properties["displayName"]?.nonEmptyText
        links = properties["links"].items.compactMap(DashboardLink.init)
        description = properties["description"]?.scalarText ?? ""
        colourMode = Self.colourMode(properties["color"])
        draw = DrawStyle(properties)
        cell = CellStyle(properties)
    }

    private static func colourMode(_ json: JSONValue?) -> ColourMode {
        let fixed = json?.at("fixedColor")?.scalarText.flatMap(Palette.colour)
        switch json?.at("mode")?.scalarText {
        case "fixed", "shades": return .fixed(fixed ?? Palette.neutral)
        case "palette-classic": return .palette
        case "palette-classic-by-name": return .paletteByName
        case "thresholds": return .thresholds
        case let mode? where ColourScale.isScale(mode): return .scale(mode)
        default: return json == nil ? .thresholds : .palette
        }
    }
}

/// How a series is drawn.
package struct DrawStyle: Sendable, Hashable {
    package enum Form: String, Sendable, Hashable {
        case line
        case bars
        case points
    }

    package enum Interpolation: String, Sendable, Hashable {
        case linear
        case smooth
        case stepBefore
        case stepAfter
    }

    package enum Stacking: String, Sendable, Hashable {
        case none
        case normal
        case percent
    }

    package enum Placement: String, Sendable, Hashable {
        case auto
        case left
        case right
        case hidden
    }

    package enum Points: String, Sendable, Hashable {
        case auto
        case always
        case never
    }

    package enum Gaps: Sendable, Hashable {
        case shown
        case joined
        /// Joined when not longer than so many milliseconds.
        case joinedBelow(Double)
    }

    package var form: Form
    package var interpolation: Interpolation
    package var lineWidth: Double
    /// From 0 to 100.
    package var fillOpacity: Double
    package var stacking: Stacking
    package var stackGroup: String
    package var placement: Placement
    package var axisLabel: String
    /// 2 or 10 for a logarithmic scale.
    package var logBase: Int?
    package var points: Points
    package var pointSize: Double
    package var gaps: Gaps
    /// Lengths of dashes and of gaps between them; empty for a whole line.
    package var dashes: [Double]
    package var thresholdLines: Bool
    package var thresholdAreas: Bool
    package var isNegated: Bool
    package var isHidden: Bool
    package var isHiddenInLegend: Bool
    package var isHiddenInTooltip: Bool
    /// -1 before the time, 0 around it, 1 behind it.
    package var barAlignment: Int
    package var softMin: Double?
    package var softMax: Double?
    /// The series to whose line the space is filled.
    package var fillBelowTo: String?

    init(_ properties: [String: JSONValue]) {
        func text(_ name: String) -> String { properties["custom." + name]?.scalarText ?? "" }
        func number(_ name: String, _ range: ClosedRange<Double>) -> Double? {
            properties["custom." + name]?.double
                .map { Swift.min(Swift.max($0, range.lowerBound), range.upperBound) }
        }
        form = Form(rawValue: text("drawStyle")) ?? .line
        interpolation = Interpolation(rawValue: text("lineInterpolation")) ?? .linear
        lineWidth = number("lineWidth", 0...20) ?? 1
        fillOpacity = number("fillOpacity", 0...100) ?? 0
        let stack = properties["custom.stacking"]
        stacking = Stacking(rawValue: stack?.at("mode")?.scalarText ?? "") ?? .none
        stackGroup = stack?.at("group")?.scalarText ?? "A"
        placement = Placement(rawValue: text("axisPlacement")) ?? .auto
        axisLabel = text("axisLabel")
        let scale = properties["custom.scaleDistribution"]
        logBase =
            scale?.at("type")?.scalarText == "log"
            ? (scale?.at("log")?.integer == 2 ? 2 : 10) : nil
        points = Points(rawValue: text("showPoints")) ?? .auto
        pointSize = number("pointSize", 1...40) ?? 5
        switch properties["custom.spanNulls"] {
        case .bool(true)?: gaps = .joined
        case .number(let digits)?: gaps = .joinedBelow(Double(digits) ?? 0)
        default: gaps = .shown
        }
        dashes = Self.dashes(properties["custom.lineStyle"])
        let thresholds = properties["custom.thresholdsStyle"]?.at("mode")?.scalarText ?? "off"
        thresholdLines = ["line", "dashed", "line+area", "dashed+area"].contains(thresholds)
        thresholdAreas = ["area", "line+area", "dashed+area", "series"].contains(thresholds)
        isNegated = text("transform") == "negative-Y"
        let hiding = properties["custom.hideFrom"]
        isHidden = hiding?.at("viz").isTrue ?? false
        isHiddenInLegend = hiding?.at("legend").isTrue ?? false
        isHiddenInTooltip = hiding?.at("tooltip").isTrue ?? false
        barAlignment = Int(number("barAlignment", -1...1) ?? 0)
        softMin = properties["custom.axisSoftMin"]?.double
        softMax = properties["custom.axisSoftMax"]?.double
        fillBelowTo = properties["custom.fillBelowTo"]?.nonEmptyText
    }

    private static func dashes(_ json: JSONValue?) -> [Double] {
        let own =
            json?.at("dash").items.compactMap(\.double).map { Swift.min(Swift.max($0, 0), 100) }
            ?? []
        switch json?.at("fill")?.scalarText {
        case "dash": return own.isEmpty ? [10, 10] : Array(own.prefix(8))
        case "dot": return own.isEmpty ? [1, 10] : Array(own.prefix(8))
        default: return []
        }
    }
}

/// How a bar is filled.
package enum BarForm: String, Sendable, Hashable {
    case basic
    case gradient
    /// Small lamps.
    case lcd

    /// The parts of a bar that have a colour each.
    package static let stepCount = 24
}

/// How a cell of a table looks.
package struct CellStyle: Sendable, Hashable {
    package enum Form: Sendable, Hashable {
        case plain
        case colouredText
        case colouredBackground(isGradient: Bool)
        case gauge(BarForm)
        case sparkline
        case json
        /// A link to an image; shown as a link, since nothing is loaded from elsewhere.
        case image
        case links
    }

    /// How the number beside a bar is written.
    package enum ValueForm: String, Sendable, Hashable {
        case text
        case coloured = "color"
        case hidden
    }

    package var form: Form
    package var valueForm: ValueForm
    /// The background of this cell is that of its whole row.
    package var coloursRow: Bool
    package var width: Int?
    /// `left`, `center`, `right`, or nil for what fits the type.
    package var alignment: String?
    package var isHidden: Bool
    package var isFilterable: Bool

    init(_ properties: [String: JSONValue]) {
        let options = properties["custom.cellOptions"]
        let name =
            options?.at("type")?.scalarText ?? properties["custom.displayMode"]?.scalarText
            ?? properties["custom.cellDisplayMode"]?.scalarText ?? "auto"
        let mode = options?.at("mode")?.scalarText ?? ""
        form =
            switch name {
            case "color-text": .colouredText
            case "color-background": .colouredBackground(isGradient: mode != "basic")
            case "color-background-solid": .colouredBackground(isGradient: false)
            case "gauge": .gauge(BarForm(rawValue: mode) ?? .basic)
            case "basic": .gauge(.basic)
            case "lcd-gauge": .gauge(.lcd)
            case "gradient-gauge": .gauge(.gradient)
            case "sparkline": .sparkline
            case "json-view": .json
            case "image": .image
            case "data-links", "actions": .links
            default: .plain
            }
        valueForm =
            options?.at("hideValue").isTrue == true
            ? .hidden
            : ValueForm(rawValue: options?.at("valueDisplayMode")?.scalarText ?? "") ?? .text
        coloursRow = options?.at("applyToRow").isTrue ?? false
        width = properties["custom.width"]?.integer.flatMap { $0 > 0 && $0 < 5_000 ? $0 : nil }
        let aligned = properties["custom.align"]?.scalarText ?? ""
        alignment = ["left", "center", "right"].contains(aligned) ? aligned : nil
        isHidden = properties["custom.hidden"]?.flag ?? false
        isFilterable = properties["custom.filterable"]?.flag ?? false
    }
}
