import PerchModel
import PerchRegex

/// Transformations of columns: which there are, and how they are called.
extension Transformer {
    /// Leaves columns out, puts them in order and renames them.
    func organize(_ frame: Frame, _ options: JSONValue, among frames: [Frame]) -> Frame {
        func table(_ name: String) -> [String: JSONValue] {
            Dictionary(
                (options.at(name)).members.map { ($0.name, $0.value) },
                uniquingKeysWith: { _, last in last })
        }
        let excluded = table("excludeByName")
        let included = table("includeByName").filter { $0.value.flag == true }
        let places = table("indexByName")
        let names = table("renameByName")
        var kept = frame.fields.enumerated().map {
            (place: $0, name: name($1, frame, frames), field: $1)
        }
        .filter {
            excluded[$0.name]?.flag != true && (included.isEmpty || included[$0.name] != nil)
        }
        func rank(_ one: (place: Int, name: String, field: Field)) -> (Int, Int) {
            (places[one.name]?.integer ?? Int.max, one.place)
        }
        kept.sort { rank($0) < rank($1) }
        var result = frame
        result.fields = kept.map { one in
            guard let name = names[one.name]?.nonEmptyText else { return one.field }
            return renamed(one.field, name)
        }
        return result
    }

    func renamed(_ field: Field, _ name: String) -> Field {
        var field = field
        field.name = name
        field.legend = name
        return field
    }

    /// Keeps columns by their names or by a pattern.
    func filterFieldsByName(
        _ frames: [Frame], _ options: JSONValue
    ) throws(Refusal) -> [Frame] {
        let include = try NameTest(options.at("include"), scope, options)
        let exclude = try NameTest(options.at("exclude"), scope, .null)
        return frames.compactMap { frame in
            var result = frame
            result.fields = frame.fields.filter { field in
                let name = name(field, frame, frames)
                return (include?.matches(name, field.name) ?? true)
                    && !(exclude?.matches(name, field.name) ?? false)
            }
            return result.fields.isEmpty ? nil : result
        }
    }

    func filterByRefID(_ frames: [Frame], _ options: JSONValue) throws(Refusal) -> [Frame] {
        guard let text = options.at("include")?.nonEmptyText else { return frames }
        let wanted = try RefIDs(text)
        return frames.filter { wanted.contains($0.refID) }
    }

    func renameByRegex(_ frames: [Frame], _ options: JSONValue) throws(Refusal) -> [Frame] {
        let pattern = try regex(options.at("regex")?.scalarText ?? "")
        let template = JavaScriptPattern.template(options.at("renamePattern")?.scalarText ?? "")
        return frames.map { frame in
            var result = frame
            for (place, field) in frame.fields.enumerated() where field.kind != .time {
                let name = name(field, frame, frames)
                guard pattern.matches(in: name) else { continue }
                result.fields[place] = renamed(field, pattern.replacing(template, in: name))
                if result.fields.count(where: { $0.kind != .time }) == 1 {
                    result.name = result.fields[place].name
                }
            }
            return result
        }
    }

    func regex(_ text: String) throws(Refusal) -> Regex {
        do throws(RegexFailure) {
            return try JavaScriptPattern.searching(text)
        } catch {
            throw Refusal(reason: "its regular expression cannot be used here: \(error.message)")
        }
    }

    // MARK: - Types

    func convertFieldType(_ frame: Frame, _ options: JSONValue, among frames: [Frame]) -> Frame {
        var result = frame
        for conversion in options.at("conversions").items {
            guard let target = conversion.at("targetField")?.nonEmptyText else { continue }
            for (place, field) in result.fields.enumerated() where isNamed(target, field, frame) {
                result.fields[place] = converted(
                    field, conversion.at("destinationType")?.scalarText ?? "")
            }
        }
        return result
    }

    private func converted(_ field: Field, _ type: String) -> Field {
        var field = field
        let cells = field.column.cells
        switch type {
        case "number":
            field.column = .numbers(cells.map { $0.double ?? .nan })
            field.isTime = false
        case "time":
            // Times stay numbers, since some rows may have none.
            field.column = .numbers(cells.map(Self.millis))
            field.isTime = true
        case "string":
            field.column = .texts(cells.map { $0.isNull ? nil : $0.text })
        case "boolean":
            field.column = .bools(
                cells.map { cell in
                    switch cell {
                    case .null: nil
                    case .text(let text): text == "true" || text == "1"
                    default: cell.double != 0
                    }
                })
        default: break
        }
        return field
    }

    /// A time as milliseconds: a number, or an ISO date.
    private static func millis(_ cell: Cell) -> Double {
        if let value = cell.double { return value }
        guard case .text(let text) = cell else { return .nan }
        return DateText.millis(text).map(Double.init) ?? .nan
    }

    func formatTime(_ frame: Frame, _ options: JSONValue, among frames: [Frame]) -> Frame {
        guard let target = options.at("timeField")?.nonEmptyText,
            let pattern = options.at("outputFormat")?.nonEmptyText
        else { return frame }
        var result = frame
        for (place, field) in frame.fields.enumerated() where isNamed(target, field, frame) {
            result.fields[place].isTime = false
            result.fields[place].column = .texts(
                field.column.cells.map { cell in
                    cell.double.map {
                        DateText.text(
                            Int64(min(max($0, -8.64e15), 8.64e15)), pattern: pattern,
                            offsetMinutes: clock.offsetMinutes)
                    }
                })
        }
        return result
    }
}

/// Names and a pattern, of which one must fit.
private struct NameTest {
    private var names: Set<String> = []
    private var pattern: Regex?

    /// Nil when nothing is asked for.
    init?(
        _ json: JSONValue?, _ scope: VariableScope, _ options: JSONValue
    ) throws(Transformer.Refusal) {
        if options.at("byVariable").isTrue,
            let name = options.at("include", "variable")?.nonEmptyText
        {
            let key = name.filter { !"${}[]".contains($0) }
            names = Set(scope.values[key]?.values ?? [])
            return
        }
        if let json, case .array = json {
            names = Set(json.texts)
            return
        }
        names = Set(json?.at("names").texts ?? [])
        let text = json?.at("pattern")?.nonEmptyText ?? json?.nonEmptyText
        if let text {
            let put = Interpolator(scope: scope, policy: .text).text(text)
            guard let compiled = try? JavaScriptPattern.searching(put) else {
                throw Transformer.Refusal(reason: "the expression \(put) cannot be used here")
            }
            pattern = compiled
        }
        if names.isEmpty, pattern == nil { return nil }
    }

    func matches(_ name: String, _ fieldName: String) -> Bool {
        names.contains(name) || names.contains(fieldName) || pattern?.matches(in: name) ?? false
    }
}
