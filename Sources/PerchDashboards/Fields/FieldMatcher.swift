package import PerchModel
import PerchRegex

/// Which fields an override or a transformation is about.
package struct FieldMatcher: Sendable, Hashable {
    package var id: String
    package var options: JSONValue

    init(id: String, options: JSONValue) {
        self.id = id
        self.options = options
    }

    init?(_ json: JSONValue?) {
        guard let id = json?.at("id")?.nonEmptyText else { return nil }
        self.init(id: id, options: json?.at("options") ?? .null)
    }

    /// The matcher, ready to be asked for many fields; nil when it is not known.
    func prepared() -> Prepared? {
        switch id {
        case "byName", "byNameAnyFrame":
            return .names([options.scalarText ?? options.at("name")?.scalarText ?? ""], false)
        case "byNames":
            let names =
                options.at("names").texts + (options.at("names") == nil ? options.texts : [])
            return .names(Set(names), options.at("mode")?.scalarText == "exclude")
        case "byRegexp", "byRegexpOrNames":
            var names = Set(options.at("names").texts)
            let text = options.at("pattern")?.scalarText ?? options.scalarText ?? ""
            guard let pattern = try? JavaScriptPattern.regex(text) else { return nil }
            names.remove("")
            return .pattern(pattern, names)
        case "byType":
            return .kind(options.scalarText ?? options.at("type")?.scalarText ?? "")
        case "byTypes": return .kinds(Set(options.texts))
        case "byFrameRefID": return .refID(options.scalarText ?? "")
        case "numeric": return .kind("number")
        case "time": return .kind("time")
        case "first", "firstTimeField": return .first(isTime: id == "firstTimeField")
        case "byValue": return ValueTest(options).map(Prepared.value)
        default: return nil
        }
    }

    enum Prepared: Sendable {
        case names(Set<String>, Bool)
        case pattern(Regex, Set<String>)
        case kind(String)
        case kinds(Set<String>)
        case refID(String)
        case first(isTime: Bool)
        case value(ValueTest)

        /// Whether the field fits; `name` is how the page calls it.
        func fits(_ field: Field, name: String, in frame: Frame) -> Bool {
            switch self {
            case .names(let names, let isExcluding):
                (names.contains(name) || names.contains(field.name)) != isExcluding
            case .pattern(let pattern, let names):
                names.contains(name) || pattern.matches(in: name)
            case .kind(let kind): Self.name(field.kind) == kind
            case .kinds(let kinds): kinds.contains(Self.name(field.kind))
            case .refID(let refID): frame.refID == refID
            case .first(let isTime):
                isTime
                    ? frame.timeField?.name == field.name : frame.fields.first?.name == field.name
            case .value(let test): field.kind == .number && test.fits(field.column)
            }
        }

        private static func name(_ kind: Field.Kind) -> String {
            switch kind {
            case .time: "time"
            case .number: "number"
            case .text: "string"
            case .bool: "boolean"
            }
        }
    }
}

/// A comparison of a field's reduced value.
struct ValueTest: Sendable {
    private var reducer: String
    private var operation: String
    private var value: Double

    init?(_ json: JSONValue) {
        guard let value = json.at("value")?.double else { return nil }
        reducer = json.at("reducer")?.scalarText ?? "lastNotNull"
        operation = json.at("op")?.scalarText ?? ">="
        self.value = value
    }

    func fits(_ column: Column) -> Bool {
        let reduced = Reducer.value(reducer, of: column.doubles) ?? 0
        return switch operation {
        case ">=": reduced >= value
        case ">": reduced > value
        case "<=": reduced <= value
        case "<": reduced < value
        case "!=": reduced != value
        default: reduced == value
        }
    }
}
