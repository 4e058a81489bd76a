import PerchModel

/// A value of a variable, and how it is named to people.
package struct VariableOption: Sendable, Hashable {
    package var text: String
    package var value: String

    package init(text: String, value: String) {
        self.text = text
        self.value = value
    }

    package init(_ value: String) {
        text = value
        self.value = value
    }
}

/// A variable of a dashboard, as its file has it.
package struct Variable: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case query(VariableQuery)
        case custom([VariableOption])
        case interval([VariableOption], auto: IntervalAuto?)
        case constant(String)
        case textBox(String)
        case adHoc([AdHocFilter])
        /// A data source of a type, as `prometheus`.
        case dataSource(type: String)
        case unknown(String)
    }

    /// The interval that is made of the time range: as many as `count`, none below `least`.
    package struct IntervalAuto: Sendable, Hashable {
        package var count: Int
        package var least: String
    }

    package enum Hiding: Sendable, Hashable {
        case nothing
        case label
        case all
    }

    package enum Refresh: Sendable, Hashable {
        case never
        case onLoad
        case onTimeRange
    }

    package var name: String
    package var label: String
    package var description: String
    package var kind: Kind
    package var isMulti: Bool
    package var includesAll: Bool
    /// What `All` stands for instead of all values; empty when it does not.
    package var allValue: String
    package var regex: String
    package var sort: Int
    package var hiding: Hiding
    package var refresh: Refresh
    package var dataSource: DataSource?
    /// What was chosen when the file was saved; `$__all` for all.
    package var current: [VariableOption]
    /// The options that were known when the file was saved.
    package var storedOptions: [VariableOption]

    /// What `current` and addresses have for `All`.
    package static let all = "$__all"

    /// Reads a variable; nil when it has no name.
    init?(_ json: JSONValue) {
        guard let name = json.at("name")?.nonEmptyText else { return nil }
        self.name = name
        label = json.at("label")?.nonEmptyText ?? name
        description = json.at("description")?.scalarText ?? ""
        isMulti = json.at("multi").isTrue
        includesAll = json.at("includeAll").isTrue
        allValue = json.at("allValue")?.scalarText ?? ""
        regex = json.at("regex")?.scalarText ?? ""
        sort = json.at("sort")?.integer ?? 0
        dataSource = DataSource(json.at("datasource"))
        current = Self.current(json.at("current"))
        storedOptions = json.at("options").items.prefix(Limits.optionsMax).compactMap {
            guard let value = $0.at("value")?.scalarText, value != Self.all else { return nil }
            return VariableOption(text: $0.at("text")?.scalarText ?? value, value: value)
        }
        hiding =
            switch json.at("hide")?.integer {
            case 1: .label
            case 2: .all
            default: .nothing
            }
        refresh =
            switch json.at("refresh")?.integer {
            case 2: .onTimeRange
            case 0: .never
            default: json.at("refresh")?.flag == false ? .never : .onLoad
            }
        kind = Self.kind(json, current: current)
    }

    private static func kind(_ json: JSONValue, current: [VariableOption]) -> Kind {
        let text = json.at("query")?.scalarText ?? ""
        switch json.at("type")?.scalarText ?? "query" {
        case "query": return .query(VariableQuery(json))
        case "custom": return .custom(VariableOption.list(text, isJSON: isJSON(json)))
        case "interval":
            let auto = IntervalAuto(
                count: min(max(json.at("auto_count")?.integer ?? 30, 1), 1_000),
                least: json.at("auto_min")?.nonEmptyText ?? "10s")
            return .interval(
                VariableOption.list(text, isJSON: false),
                auto: json.at("auto").isTrue ? auto : nil)
        case "constant": return .constant(text.isEmpty ? current.first?.value ?? "" : text)
        case "textbox": return .textBox(text.isEmpty ? current.first?.value ?? "" : text)
        case "adhoc":
            return .adHoc(
                (json.at("baseFilters").items + json.at("filters").items)
                    .compactMap(AdHocFilter.init))
        case "datasource": return .dataSource(type: text)
        case let type: return .unknown(type)
        }
    }

    private static func isJSON(_ json: JSONValue) -> Bool {
        json.at("valuesFormat")?.scalarText == "json"
    }

    /// `{"text": …, "value": …}`, both one or several.
    private static func current(_ json: JSONValue?) -> [VariableOption] {
        guard let value = json?.at("value") else { return [] }
        if case .array(let items) = value {
            let values = items.compactMap(\.scalarText)
            let texts = json?.at("text").items.compactMap(\.scalarText) ?? []
            return values.enumerated().prefix(Limits.optionsMax).map {
                VariableOption(
                    text: texts.count == values.count ? texts[$0] : $1, value: $1)
            }
        }
        guard let single = value.scalarText else { return [] }
        return [VariableOption(text: json?.at("text")?.scalarText ?? single, value: single)]
    }
}

extension VariableOption {
    /// The options of `a, b, text : value`, in which `\,` is a comma of a value; or of a JSON list.
    static func list(_ text: String, isJSON: Bool) -> [VariableOption] {
        if isJSON, let json = JSONValue(text) {
            return json.items.prefix(Limits.optionsMax).compactMap {
                if let value = $0.scalarText { return VariableOption(value) }
                guard let value = $0.at("value")?.scalarText else { return nil }
                return VariableOption(text: $0.at("text")?.scalarText ?? value, value: value)
            }
        }
        var options: [VariableOption] = []
        var current = ""
        var isEscaped = false
        for character in text + "," {
            if isEscaped {
                if character != "," { current.append("\\") }
                current.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "," {
                if let option = one(current), options.count < Limits.optionsMax {
                    options.append(option)
                }
                current = ""
            } else {
                current.append(character)
            }
        }
        return options
    }

    /// One option of a list; quotes around it are left out.
    private static func one(_ text: String) -> VariableOption? {
        let trimmed = text.trimmed
        guard !trimmed.isEmpty else { return nil }
        if let colon = trimmed.firstRange(of: " : ") {
            let name = String(trimmed[..<colon.lowerBound]).trimmed
            let value = String(trimmed[colon.upperBound...]).trimmed
            if !name.isEmpty, !value.isEmpty { return VariableOption(text: name, value: value) }
        }
        if trimmed.count >= 2, let quote = trimmed.first, quote == trimmed.last,
            quote == "\"" || quote == "'"
        {
            return VariableOption(String(trimmed.dropFirst().dropLast()))
        }
        return VariableOption(trimmed)
    }
}
