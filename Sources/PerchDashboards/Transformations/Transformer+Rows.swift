import PerchModel
import PerchRegex

/// Transformations of rows.
extension Transformer {
    func filterByValue(_ frames: [Frame], _ options: JSONValue) throws(Refusal) -> [Frame] {
        var tests: [(name: String, test: CellTest)] = []
        for filter in options.at("filters").items {
            guard let name = filter.at("fieldName")?.scalarText else { continue }
            tests.append((name, try CellTest(filter.at("config"), scope)))
        }
        guard !tests.isEmpty else { return frames }
        let isAny = options.at("match")?.scalarText == "any"
        let isExcluding = options.at("type")?.scalarText == "exclude"
        return frames.map { frame in
            let columns = tests.compactMap { one in
                field(one.name, in: frame).map { ($0.column, one.test) }
            }
            guard !columns.isEmpty else { return frame }
            let rows = (0..<frame.rowCount).filter { row in
                let fits =
                    isAny
                    ? columns.contains { $1.fits($0[row]) }
                    : columns.allSatisfy { $1.fits($0[row]) }
                return fits != isExcluding
            }
            return frame.picking(rows)
        }
    }

    func sortBy(_ frame: Frame, _ options: JSONValue, among frames: [Frame]) -> Frame {
        var rows = Array(0..<frame.rowCount)
        for sort in options.at("sort").items.reversed() {
            guard let field = field(sort.at("field")?.scalarText, in: frame) else { continue }
            rows = CellSorter(field.column, isDescending: sort.at("desc").isTrue).sorted(rows)
        }
        return frame.picking(rows)
    }

    /// Rows with equal values in some columns become one, with calculations of the others.
    func groupBy(_ frames: [Frame], _ options: JSONValue) throws(Refusal) -> [Frame] {
        let settings = options.at("fields").members.map { (name: $0.name, json: $0.value) }
        let keys = settings.filter { $0.json.at("operation")?.scalarText == "groupby" }.map(\.name)
        guard !keys.isEmpty else { return frames }
        return frames.map { frame in
            let keyFields = frame.fields.filter { field in
                keys.contains { isNamed($0, field, frame) }
            }
            guard !keyFields.isEmpty else { return frame }
            let groups = RowGroups(keyFields.map(\.column), rowCount: frame.rowCount)
            var fields = keyFields.map { field in
                var field = field
                field.column = field.column.picking(groups.firstRows)
                return field
            }
            for setting in settings
            where setting.json.at("operation")?.scalarText == "aggregate" {
                guard let field = field(setting.name, in: frame) else { continue }
                for reducer in setting.json.at("aggregations").calculations {
                    let cells = groups.rows.map { Self.reduced(field, reducer, rows: $0) }
                    let name = name(field, frame, frames) + " (\(reducer))"
                    fields.append(Field(name, Column(cells: cells)))
                }
            }
            return Frame(name: frame.name, refID: frame.refID, fields: fields)
        }
    }

    /// A calculation over some rows of a column, texts included.
    static func reduced(_ field: Field, _ reducer: String, rows: [Int]) -> Cell {
        let column = field.column.picking(rows)
        if case .texts = column {
            let cells = column.cells
            switch reducer {
            case "first": return cells.first ?? .null
            case "firstNotNull": return cells.first { !$0.isNull } ?? .null
            case "last": return cells.last ?? .null
            case "lastNotNull": return cells.last { !$0.isNull } ?? .null
            case "count": return .number(Double(cells.count))
            case "distinctCount": return .number(Double(Set(cells).count))
            case "allValues", "uniqueValues":
                return .text(unique(cells, isAll: reducer == "allValues"))
            default: break
            }
        }
        if reducer == "uniqueValues" || reducer == "allValues" {
            return .text(unique(column.cells, isAll: reducer == "allValues"))
        }
        guard let value = Reducer.value(reducer, of: column.doubles) else { return .null }
        let keepsTime = ["first", "last", "firstNotNull", "lastNotNull", "min", "max", "mean"]
        if field.kind == .time, keepsTime.contains(reducer) {
            return .time(Int64(min(max(value, -8.64e15), 8.64e15)))
        }
        return .number(value)
    }

    private static func unique(_ cells: [Cell], isAll: Bool) -> String {
        var seen: Set<Cell> = []
        return cells.filter { isAll || seen.insert($0).inserted }.prefix(1_000).map(\.text)
            .joined(separator: ", ")
    }
}

/// Rows by their values in some columns, in the order in which they first appear.
struct RowGroups {
    private(set) var rows: [[Int]] = []
    var firstRows: [Int] { rows.map { $0[0] } }

    init(_ columns: [Column], rowCount: Int) {
        var places: [[Cell]: Int] = [:]
        for row in 0..<rowCount {
            let key = columns.map { $0[row] }
            if let place = places[key] {
                rows[place].append(row)
            } else {
                places[key] = rows.count
                rows.append([row])
            }
        }
    }
}

/// A condition on one cell.
struct CellTest {
    private enum Kind {
        case compare(String, Cell)
        case between(Double, Double)
        case regex(Regex)
        case null(Bool)
        case contains(String, Bool)
    }

    private var kind: Kind

    init(_ json: JSONValue?, _ scope: VariableScope) throws(Transformer.Refusal) {
        let options = json?.at("options")
        let interpolator = Interpolator(scope: scope, policy: .text)
        let text = interpolator.text(options?.at("value")?.scalarText ?? "")
        let id = json?.at("id")?.scalarText ?? ""
        switch id {
        case "isNull", "isNotNull": kind = .null(id == "isNull")
        case "substring", "notSubstring": kind = .contains(text.lowercased(), id == "substring")
        case "regex":
            guard let pattern = try? JavaScriptPattern.searching(text) else {
                throw Transformer.Refusal(reason: "the expression \(text) cannot be used here")
            }
            kind = .regex(pattern)
        case "range", "between":
            func bound(_ name: String, _ none: Double) -> Double {
                options?.at(name)?.scalarText.map(interpolator.text).flatMap(Double.init) ?? none
            }
            kind = .between(bound("from", -.infinity), bound("to", .infinity))
        case "equal", "notEqual", "greater", "greaterOrEqual", "lower", "lowerOrEqual":
            kind = .compare(id, Double(text).map { .number($0) } ?? .text(text))
        default: throw Transformer.Refusal(reason: "its condition “\(id)” is not known")
        }
    }

    func fits(_ cell: Cell) -> Bool {
        switch kind {
        case .null(let wanted): return cell.isNull == wanted
        case .contains(let text, let wanted):
            return cell.text.lowercased().contains(text) == wanted
        case .regex(let pattern): return pattern.matches(in: cell.text)
        case .between(let from, let to):
            guard let value = cell.double else { return false }
            return value >= from && value <= to
        case .compare(let id, let wanted):
            guard let value = cell.double, let number = wanted.double else {
                return id == "equal"
                    ? cell.text == wanted.text : id == "notEqual" && cell.text != wanted.text
            }
            switch id {
            case "equal": return value == number
            case "notEqual": return value != number
            case "greater": return value > number
            case "greaterOrEqual": return value >= number
            case "lower": return value < number
            default: return value <= number
            }
        }
    }
}
