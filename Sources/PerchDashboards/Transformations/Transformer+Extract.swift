import PerchModel
import PerchRegex

/// Transformations that take columns out of labels and texts.
extension Transformer {
    /// The parts of a text column as columns of their own.
    func extractFields(_ frames: [Frame], _ options: JSONValue) throws(Refusal) -> [Frame] {
        let source = options.at("source")?.nonEmptyText
        let format = options.at("format")?.scalarText ?? "auto"
        guard ["auto", "json", "kvp", "delimiter", "regexp"].contains(format) else {
            throw Refusal(reason: "its format “\(format)” is not known")
        }
        let pattern = format == "regexp" ? try regex(options.at("regExp")?.scalarText ?? "") : nil
        let paths = options.at("jsonPaths").items.compactMap { item -> (String, String)? in
            guard let path = item.at("path")?.nonEmptyText else { return nil }
            return (path, item.at("alias")?.nonEmptyText ?? path)
        }
        return frames.map { frame in
            guard let field = field(source, in: frame) else { return frame }
            var columns = ColumnCollector(rowCount: frame.rowCount)
            for (row, cell) in field.column.cells.enumerated() {
                guard !columns.isFull else { break }
                for (name, value) in Self.parts(
                    cell.text, format, pattern, paths, options.at("delimiter")?.scalarText ?? ",")
                {
                    columns.set(name, value, row: row)
                }
            }
            var result = frame
            let keepsTime = options.at("keepTime").isTrue
            if options.at("replace").isTrue {
                result.fields = keepsTime ? frame.fields.filter { $0.kind == .time } : []
            }
            result.fields += columns.fields
            return result.fields.isEmpty ? frame : result
        }
    }

    private static func parts(
        _ text: String, _ format: String, _ pattern: Regex?, _ paths: [(String, String)],
        _ delimiter: String
    ) -> [(String, Cell)] {
        switch format {
        case "json": return json(text, paths)
        case "kvp": return pairs(text)
        case "delimiter":
            let mark = delimiter.isEmpty ? "," : delimiter
            return text.split(separator: mark).map { part in
                let trimmed = part.trimmed
                return (trimmed, .text(trimmed))
            }
        case "regexp":
            guard let pattern, let match = pattern.firstMatch(in: text) else { return [] }
            let bytes = Array(text.utf8)
            return (0..<pattern.groupCount).compactMap { index in
                guard let range = match.range(of: index + 1) else { return nil }
                let names = pattern.groupNames
                let name = index + 1 < names.count ? names[index + 1] : nil
                return (
                    name ?? "Group \(index + 1)",
                    .text(String(decoding: bytes[range], as: UTF8.self))
                )
            }
        default:
            let found = json(text, paths)
            return found.isEmpty ? pairs(text) : found
        }
    }

    private static func json(_ text: String, _ paths: [(String, String)]) -> [(String, Cell)] {
        guard let value = JSONValue(text) else { return [] }
        if !paths.isEmpty {
            return paths.map { path, alias in
                let found = path.split { $0 == "." || $0 == "[" || $0 == "]" }
                    .reduce(Optional(value)) { value, key in
                        if let index = Int(key), let items = value?.items,
                            items.indices.contains(index)
                        {
                            return items[index]
                        }
                        return value?.at(String(key))
                    }
                return (alias, found.map(cell) ?? .null)
            }
        }
        return value.members.map { ($0.name, cell($0.value)) }
    }

    private static func cell(_ value: JSONValue) -> Cell {
        switch value {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .number: value.double.map { .number($0) } ?? .null
        case .string(let text): .text(text)
        case .array, .object: .text(value.source)
        }
    }

    /// `a=b, c="d e"` and `a:b`.
    private static func pairs(_ text: String) -> [(String, Cell)] {
        var result: [(String, Cell)] = []
        var rest = text[...]
        while !rest.isEmpty, result.count < 1_000 {
            rest = rest.drop { $0.isWhitespace || ",;&{}".contains($0) }
            let name = rest.prefix { $0 != "=" && $0 != ":" && !$0.isWhitespace && $0 != "," }
            rest = rest[name.endIndex...]
            guard let mark = rest.first, mark == "=" || mark == ":" else {
                if name.isEmpty { rest = rest.dropFirst() }
                continue
            }
            rest = rest.dropFirst().drop { $0 == " " }
            if rest.first == "\"" {
                let value = rest.dropFirst().prefix { $0 != "\"" }
                rest = rest[value.endIndex...].dropFirst()
                result.append((String(name), .text(String(value))))
            } else {
                let value = rest.prefix { !$0.isWhitespace && !",;&}".contains($0) }
                rest = rest[value.endIndex...]
                result.append((String(name), .text(String(value))))
            }
        }
        return result
    }

    /// Labels of series as columns, or as rows of names and values.
    func labelsToFields(_ frames: [Frame], _ options: JSONValue) -> [Frame] {
        let kept = Set(options.at("keepLabels").texts)
        func isKept(_ label: FrameLabel) -> Bool { kept.isEmpty || kept.contains(label.name) }
        if options.at("mode")?.scalarText == "rows" {
            return frames.flatMap { frame in
                frame.fields.filter { !$0.labels.isEmpty }.map { field in
                    let labels = field.labels.filter(isKept)
                    return Frame(
                        name: name(field, frame, frames), refID: frame.refID,
                        fields: [
                            Field("label", .texts(labels.map(\.name))),
                            Field("value", .texts(labels.map(\.value))),
                        ])
                }
            }
        }
        let valueLabel = options.at("valueLabel")?.nonEmptyText
        let split = frames.map { frame in
            var result = frame
            result.fields = []
            result.name = nil
            for field in frame.fields {
                var plain = field
                let labels = field.labels.filter(isKept)
                if !field.labels.isEmpty {
                    plain.legend = nil
                    plain.labels = []
                    plain.name = valueLabel.flatMap { field.label($0) } ?? field.name
                }
                result.fields.append(plain)
                for label in labels where label.name != valueLabel {
                    guard !result.fields.contains(where: { $0.name == label.name }) else {
                        continue
                    }
                    let texts = [String?](repeating: label.value, count: frame.rowCount)
                    result.fields.append(Field(label.name, .texts(texts)))
                }
            }
            return result
        }
        return merge(split)
    }
}

/// Columns that grow as rows name them.
struct ColumnCollector {
    private var order: [String] = []
    private var places: [String: Int] = [:]
    private var columns: [[Cell]] = []
    private let rowCount: Int

    init(rowCount: Int) {
        self.rowCount = rowCount
    }

    /// Whether there are as many cells as a panel may have.
    var isFull: Bool { columns.count * rowCount > Limits.cellsMax }

    mutating func set(_ name: String, _ cell: Cell, row: Int) {
        guard row < rowCount else { return }
        if let place = places[name] {
            columns[place][row] = cell
            return
        }
        guard (columns.count + 1) * max(rowCount, 1) <= Limits.cellsMax else { return }
        places[name] = columns.count
        order.append(name)
        var column = [Cell](repeating: .null, count: rowCount)
        column[row] = cell
        columns.append(column)
    }

    var fields: [Field] {
        zip(order, columns).map { Field($0, Column(cells: $1)) }
    }
}
