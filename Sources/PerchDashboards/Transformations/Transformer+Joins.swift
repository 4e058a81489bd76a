import PerchModel

/// Transformations that make one frame of several.
extension Transformer {
    /// One table of all columns by name; rows that agree in the columns that all frames have, and
    /// do not contradict each other, become one.
    func merge(_ frames: [Frame]) -> [Frame] {
        guard frames.count > 1 else { return frames }
        var order: [String] = []
        var places: [String: Int] = [:]
        var kinds: [Field] = []
        var shared: Set<String>?
        for frame in frames {
            let names = frame.fields.map { name($0, frame, frames) }
            for (name, field) in zip(names, frame.fields) where places[name] == nil {
                places[name] = order.count
                order.append(name)
                kinds.append(field)
            }
            shared = shared?.intersection(names) ?? Set(names)
        }
        let keyPlaces = order.indices.filter { shared?.contains(order[$0]) ?? false }
        var rows: [[Cell]] = []
        // Rows that still have room are apart from those that are full: looking through these again
        // for every row would make long tables take for ever.
        var open: [[Cell]: [Int]] = [:]
        var full: [[Cell]: [Int]] = [:]
        // What rows were when they came and are when they are full, to find an equal one however
        // many of its key are between.
        var known: Set<[Cell]> = []
        for frame in frames {
            let columns = frame.fields.map { (places[name($0, frame, frames)] ?? 0, $0.column) }
            for row in 0..<frame.rowCount {
                guard rows.count * order.count < Limits.cellsMax else { break }
                var cells = [Cell](repeating: .null, count: order.count)
                for (place, column) in columns { cells[place] = column[row] }
                let key = keyPlaces.map { cells[$0] }
                if let place = Self.place(of: cells, in: open[key], rows),
                    let target = open[key]?[place]
                {
                    for (column, cell) in cells.enumerated() where !cell.isNull {
                        rows[target][column] = cell
                    }
                    if !rows[target].contains(where: \.isNull) {
                        known.insert(rows[target])
                        open[key]?.remove(at: place)
                        full[key, default: []].append(target)
                    }
                } else if !known.contains(cells),
                    Self.place(of: cells, in: full[key], rows) == nil
                {
                    if cells.contains(where: \.isNull) {
                        open[key, default: []].append(rows.count)
                    } else {
                        full[key, default: []].append(rows.count)
                    }
                    known.insert(cells)
                    rows.append(cells)
                }
            }
        }
        let fields = order.indices.map { place in
            var field = kinds[place]
            field.column = Column(cells: rows.map { $0[place] })
            if field.kind == .number, kinds[place].kind == .time { field.isTime = true }
            return field
        }
        return [Frame(refID: frames[0].refID, fields: fields)]
    }

    /// The newest of some rows that cells do not contradict, among as many as are looked at.
    private static func place(of cells: [Cell], in known: [Int]?, _ rows: [[Cell]]) -> Int? {
        guard let known else { return nil }
        return known.suffix(Limits.mergedRowsMax).lastIndex { agree(rows[$0], cells) }
    }

    private static func agree(_ left: [Cell], _ right: [Cell]) -> Bool {
        zip(left, right).allSatisfy { $0.isNull || $1.isNull || $0 == $1 }
    }

    /// All columns side by side.
    func concatenate(_ frames: [Frame], _ options: JSONValue) -> [Frame] {
        guard frames.count > 1 else { return frames }
        let mode = options.at("frameNameMode")?.scalarText ?? "field"
        let label = options.at("frameNameLabel")?.nonEmptyText ?? "frame"
        let fields = frames.flatMap { frame in
            frame.fields.map { field in
                guard let name = frame.name, !name.isEmpty else { return field }
                var field = field
                switch mode {
                case "field" where field.legend == nil:
                    field = renamed(field, "\(name) · \(field.name)")
                case "label": field.labels.append(FrameLabel(name: label, value: name))
                default: break
                }
                return field
            }
        }
        return [Frame(refID: frames[0].refID, fields: fields)]
    }

    /// A row for each value of a column that frames have in common, the time where none is named.
    func joinByField(_ frames: [Frame], _ options: JSONValue) throws(Refusal) -> [Frame] {
        let wanted = options.at("byField")?.nonEmptyText
        let isInner = options.at("mode")?.scalarText == "inner"
        let keyed = frames.compactMap { frame -> (frame: Frame, key: Int)? in
            let place =
                wanted == nil
                ? frame.fields.firstIndex { $0.kind == .time }
                : frame.fields.firstIndex { isNamed(wanted, $0, frame) }
            return place.map { (frame, $0) }
        }
        guard let first = keyed.first else {
            throw Refusal(reason: "no frame has the column “\(wanted ?? "Time")”")
        }
        guard keyed.count > 1 else { return [first.frame] }
        var places: [Cell: Int] = [:]
        var keys: [Cell] = []
        var counts: [Int] = []
        for one in keyed {
            let cells = one.frame.fields[one.key].cells
            for cell in Set(cells) where places[cell] != nil { counts[places[cell] ?? 0] += 1 }
            for cell in cells where places[cell] == nil {
                places[cell] = keys.count
                keys.append(cell)
                counts.append(1)
            }
        }
        var fields: [Field] = []
        for one in keyed {
            guard fields.count * keys.count < Limits.cellsMax else { break }
            let targets = one.frame.fields[one.key].cells.map { places[$0] ?? 0 }
            for (place, field) in one.frame.fields.enumerated() where place != one.key {
                var cells = [Cell](repeating: .null, count: keys.count)
                for (row, target) in targets.enumerated() { cells[target] = field.column[row] }
                var field = field
                field.legend = field.legend ?? name(field, one.frame, frames)
                field.column = Column(cells: cells)
                fields.append(field)
            }
        }
        let key = first.frame.fields[first.key].with(keys)
        let joined = Frame(refID: first.frame.refID, fields: [key] + fields)
        var rows = Array(keys.indices)
        if isInner { rows = rows.filter { counts[$0] == keyed.count } }
        if key.kind == .time {
            rows.sort { (keys[$0].double ?? 0) < (keys[$1].double ?? 0) }
        }
        return [joined.picking(rows)]
    }

    /// A row for each set of labels, with a column for each value of one label.
    func joinByLabels(_ frames: [Frame], _ options: JSONValue) throws(Refusal) -> [Frame] {
        guard let value = options.at("value")?.nonEmptyText else {
            throw Refusal(reason: "it names no label whose values become columns")
        }
        let series = frames.flatMap { frame in frame.fields.filter { $0.label(value) != nil } }
        guard !series.isEmpty else {
            throw Refusal(reason: "no series has the label “\(value)”")
        }
        let wanted = options.at("join").texts
        let labels =
            wanted.isEmpty
            ? Set(series.flatMap { $0.labels.map(\.name) }).subtracting([value, "__name__"])
                .sorted()
            : wanted
        var keys: [[String]: Int] = [:]
        var order: [[String]] = []
        for field in series {
            let key = labels.map { field.label($0) ?? "" }
            if keys[key] == nil {
                keys[key] = order.count
                order.append(key)
            }
        }
        var columns = ColumnCollector(rowCount: order.count)
        for field in series {
            let key = labels.map { field.label($0) ?? "" }
            let cells = field.column.cells
            columns.set(
                field.label(value) ?? "", cells.last { !$0.isNull } ?? .null, row: keys[key] ?? 0)
        }
        let texts = labels.enumerated().map { place, label in
            Field(label, .texts(order.map { $0[place] }))
        }
        return [Frame(refID: frames[0].refID, fields: texts + columns.fields)]
    }

    /// Time, name and value of every sample, the newest first.
    func seriesToRows(_ frames: [Frame]) -> [Frame] {
        var rows: [(time: Cell, name: String, value: Cell)] = []
        for frame in frames {
            guard let time = frame.timeField else { continue }
            for field in frame.fields where field.kind == .number {
                guard rows.count + frame.rowCount <= Limits.cellsMax / 3 else { break }
                let name = name(field, frame, frames)
                for row in 0..<frame.rowCount {
                    rows.append((time.column[row], name, field.column[row]))
                }
            }
        }
        rows.sort { ($0.time.double ?? 0) > ($1.time.double ?? 0) }
        return [
            Frame(
                refID: frames[0].refID,
                fields: [
                    Field("Time", Column(cells: rows.map(\.time)), isTime: true),
                    Field("Metric", .texts(rows.map(\.name))),
                    Field("Value", Column(cells: rows.map(\.value))),
                ])
        ]
    }
}
