/// The values that stand behind names while a text is interpolated.
package struct VariableScope: Sendable {
    /// The value of one name.
    package struct Value: Sendable, Hashable {
        package var name: String
        package var values: [String]
        package var texts: [String]
        /// Whether it counts as a list, also with one value in it.
        package var isList: Bool
        /// Whether query languages take it as an expression: multi, or with an `All`.
        package var isPattern: Bool
        /// What `All` stands for in the file; it is put in as it is.
        package var allValue: String?
        package var isAll: Bool

        package init(
            name: String, values: [String], texts: [String]? = nil, isList: Bool = false,
            isPattern: Bool = false, allValue: String? = nil, isAll: Bool = false
        ) {
            self.name = name
            self.values = values
            self.texts = texts ?? values
            self.isList = isList
            self.isPattern = isPattern
            self.allValue = allValue
            self.isAll = isAll
        }
    }

    package private(set) var values: [String: Value] = [:]
    /// Variables of the dashboard, in its order, for `$__all_variables`.
    package private(set) var order: [String] = []
    /// The fields of a name with a path, as `${__dashboard.uid}` or `${__field.labels.job}`.
    package var paths: [String: String] = [:]
    package var range: TimeRange

    package init(range: TimeRange) {
        self.range = range
    }

    /// Sets a variable of the dashboard.
    package mutating func set(_ value: Value) {
        if values[value.name] == nil { order.append(value.name) }
        values[value.name] = value
    }

    /// Sets a name that Grafana has built in.
    package mutating func setBuiltIn(_ name: String, _ value: String) {
        values[name] = Value(name: name, values: [value])
    }

    /// The same scope in which a variable has one value, as in a copy of a repeated panel.
    package func with(_ variable: String, option: VariableOption) -> VariableScope {
        var copy = self
        var value = copy.values[variable] ?? Value(name: variable, values: [])
        value.values = [option.value]
        value.texts = [option.text]
        value.isList = false
        value.allValue = nil
        value.isAll = false
        copy.set(value)
        return copy
    }
}

/// A range of time in milliseconds since 1970.
package struct TimeRange: Sendable, Hashable {
    package var fromMillis: Int64
    package var toMillis: Int64

    /// A range; ends that stand the wrong way round are turned.
    package init(fromMillis: Int64, toMillis: Int64) {
        let bound: Int64 = 8_640_000_000_000_000
        let from = min(max(fromMillis, -bound), bound)
        let to = min(max(toMillis, -bound), bound)
        self.fromMillis = min(from, to)
        self.toMillis = max(from, to)
    }

    package var millis: Int64 { toMillis - fromMillis }
}
