import PerchModel

/// Transformations that turn series into rows of a table, and rows into columns.
extension Transformer {
    func reduce(_ frames: [Frame], _ options: JSONValue) -> [Frame] {
        let wanted = options.at("reducers").calculations.filter(Self.isReducer)
        let reducers = wanted.isEmpty ? ["max"] : wanted
        let keepsTime = options.at("includeTimeField").isTrue
        func isWanted(_ field: Field) -> Bool { field.kind != .time || keepsTime }
        if options.at("mode")?.scalarText == "reduceFields" {
            return frames.map { frame in
                let all = Array(0..<frame.rowCount)
                let fields = frame.fields.filter(isWanted).flatMap { field in
                    reducers.map { reducer in
                        var result = field
                        result.column = Column(cells: [Self.reduced(field, reducer, rows: all)])
                        if reducers.count > 1 {
                            let name = name(field, frame, frames)
                            result = renamed(result, "\(name) \(Reducer.name(reducer) ?? reducer)")
                        }
                        return result
                    }
                }
                return Frame(name: frame.name, refID: frame.refID, fields: fields)
            }
        }
        let labels =
            options.at("labelsToFields").isTrue
            ? Set(frames.flatMap { $0.fields.flatMap { $0.labels.map(\.name) } }).sorted() : []
        var names: [String?] = []
        var texts = [[String?]](repeating: [], count: labels.count)
        var cells = [[Cell]](repeating: [], count: reducers.count)
        for frame in frames {
            let all = Array(0..<frame.rowCount)
            for field in frame.fields where isWanted(field) {
                names.append(name(field, frame, frames))
                for (place, label) in labels.enumerated() {
                    texts[place].append(field.label(label))
                }
                for (place, reducer) in reducers.enumerated() {
                    cells[place].append(Self.reduced(field, reducer, rows: all))
                }
            }
        }
        var fields = [Field("Field", .texts(names))]
        for (label, column) in zip(labels, texts) { fields.append(Field(label, .texts(column))) }
        for (reducer, column) in zip(reducers, cells) {
            fields.append(Field(Reducer.name(reducer) ?? reducer, Column(cells: column)))
        }
        return [Frame(refID: frames[0].refID, fields: fields)]
    }

    private static func isReducer(_ id: String) -> Bool {
        Reducer.isKnown(id) || id == "uniqueValues" || id == "allValues"
    }

    /// A row a series: its labels, and a value of it.
    func timeSeriesTable(_ frames: [Frame], _ options: JSONValue) -> [Frame] {
        var order: [String] = []
        for frame in frames where !order.contains(frame.refID) { order.append(frame.refID) }
        return order.map { refID in
            let series = frames.filter { $0.refID == refID }
                .flatMap { $0.fields.filter { $0.kind == .number } }
            let reducer =
                options.at(refID, "stat")?.nonEmptyText
                ?? options.at("refIdToStat", refID)?.nonEmptyText ?? "lastNotNull"
            let labels = Set(series.flatMap { $0.labels.map(\.name) }).sorted()
            var fields = labels.map { label in Field(label, .texts(series.map { $0.label(label) }))
            }
            let trends = series.map { field -> Cell.Trend? in
                let values = field.column.doubles
                return Reducer.value(reducer, of: values).map {
                    Cell.Trend(values: values, value: $0)
                }
            }
            fields.append(Field("Trend #\(refID)", .trends(trends)))
            return Frame(refID: refID, fields: fields)
        }
    }

    /// Rows become columns: one column gives the names, another the values.
    func rowsToFields(_ frames: [Frame], _ options: JSONValue) -> [Frame] {
        let mappings = options.at("mappings").items
        func named(_ key: String) -> String? {
            mappings.first { $0.at("handlerKey")?.scalarText == key }?.at("fieldName")?.scalarText
        }
        return frames.map { frame in
            let nameField =
                field(named("field.name"), in: frame) ?? frame.fields.first { $0.kind == .text }
            let valueField =
                field(named("field.value"), in: frame) ?? frame.fields.first { $0.kind == .number }
            guard let nameField, let valueField else { return frame }
            let mapped = Set(mappings.compactMap { $0.at("fieldName")?.scalarText })
            let labels = frame.fields.filter {
                $0.name != nameField.name && $0.name != valueField.name
                    && !mapped.contains($0.name) && $0.kind == .text
            }
            let fields = (0..<min(frame.rowCount, 1_000)).map { row in
                Field(
                    nameField.column[row].text, Column(cells: [valueField.column[row]]),
                    labels: labels.map {
                        FrameLabel(name: $0.name, value: $0.column[row].text)
                    }, legend: nameField.column[row].text)
            }
            return Frame(name: frame.name, refID: frame.refID, fields: fields)
        }
    }

    /// Counts of values by size, a column for each field.
    func histogram(_ frames: [Frame], _ options: JSONValue) -> [Frame] {
        var names: [(name: String, values: [Double])] = []
        for frame in frames {
            for field in frame.fields where field.kind == .number {
                names.append((name(field, frame, frames), field.column.doubles))
            }
        }
        if options.at("combine").isTrue { names = [("count", names.flatMap(\.values))] }
        let buckets = HistogramBuckets(
            names.map(\.values), size: options.at("bucketSize")?.double,
            offset: options.at("bucketOffset")?.double ?? 0,
            count: options.at("bucketCount")?.integer ?? 30)
        guard !buckets.starts.isEmpty else { return frames }
        var fields = [
            Field("BucketMin", .numbers(buckets.starts)),
            Field("BucketMax", .numbers(buckets.starts.map { $0 + buckets.size })),
        ]
        for (one, counts) in zip(names, buckets.counts) {
            fields.append(Field(one.name, .numbers(counts)))
        }
        return [Frame(refID: frames[0].refID, fields: fields)]
    }

    /// A table of one column's values against another's.
    func groupingToMatrix(_ frames: [Frame], _ options: JSONValue) throws(Refusal) -> [Frame] {
        let names = ["columnField", "rowField", "valueField"].map {
            options.at($0)?.scalarText ?? ["columnField": "Time", "rowField": "Time"][$0] ?? "Value"
        }
        guard
            let frame = frames.first(where: { frame in
                names.allSatisfy { field($0, in: frame) != nil }
            }), let column = field(names[0], in: frame), let row = field(names[1], in: frame),
            let value = field(names[2], in: frame)
        else { throw Refusal(reason: "no frame has all of its columns") }
        var rows: [Cell: Int] = [:]
        var order: [Cell] = []
        for cell in row.column.cells where rows[cell] == nil {
            rows[cell] = order.count
            order.append(cell)
        }
        var columns = ColumnCollector(rowCount: order.count)
        for index in 0..<frame.rowCount {
            columns.set(
                column.column[index].text, value.column[index], row: rows[row.column[index]] ?? 0)
        }
        let corner = Field("\(row.name)\\\(column.name)", Column(cells: order))
        return [Frame(refID: frame.refID, fields: [corner] + columns.fields)]
    }

    /// A frame for each value of some columns.
    func partitionByValues(_ frames: [Frame], _ options: JSONValue) throws(Refusal) -> [Frame] {
        let names = options.at("fields").texts
        guard !names.isEmpty else { return frames }
        return frames.flatMap { frame -> [Frame] in
            let keys = names.compactMap { field($0, in: frame) }
            guard keys.count == names.count else { return [frame] }
            let groups = RowGroups(keys.map(\.column), rowCount: frame.rowCount)
            return groups.rows.prefix(Limits.seriesMax).map { rows in
                var part = frame.picking(rows)
                let labels = keys.map {
                    FrameLabel(name: $0.name, value: $0.column[rows[0]].text)
                }
                part.name = labels.map(\.value).joined(separator: " ")
                part.fields = part.fields.filter { field in
                    options.at("keepFields").isTrue || !keys.contains { $0.name == field.name }
                }.map { field in
                    var field = field
                    if field.kind == .number { field.labels += labels }
                    return field
                }
                return part
            }
        }
    }
}
