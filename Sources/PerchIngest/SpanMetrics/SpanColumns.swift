import PerchModel

/// The columns of a batch of spans that are looked at for each span.
struct SpanColumns {
    private(set) var name: Column?
    private(set) var kind: Column?
    private(set) var status: Column?
    private(set) var duration: Column?
    private(set) var traceID: Column?
    private(set) var spanID: Column?
    private(set) var parentID: Column?
    /// Attributes that name a database, the best first.
    private(set) var databases: [Column] = []
    /// Attributes that name who is called, the best first.
    private(set) var peers: [Column] = []

    init(_ batch: EventBatch) {
        // Looked at where they stand: a copy of each would count references, and most are not these.
        for index in batch.columns.indices {
            switch (batch.columns[index].space, batch.columns[index].kind) {
            case (.record, .string):
                if batch.columns[index].name == RecordField.name { name = batch.columns[index] }
            case (.record, .int): takeInt(batch.columns[index])
            case (.record, .id): takeID(batch.columns[index])
            case (.attribute, .string):
                if Self.isName(batch.columns[index].name) { takeAttribute(batch.columns[index]) }
            default: break
            }
        }
        func rank(_ column: Column, _ names: [String]) -> Int {
            names.firstIndex(of: column.name) ?? names.count
        }
        databases.sort { rank($0, Self.databaseNames) < rank($1, Self.databaseNames) }
        peers.sort { rank($0, Self.peerNames) < rank($1, Self.peerNames) }
    }

    private mutating func takeInt(_ column: Column) {
        switch column.name {
        case RecordField.kind: kind = column
        case RecordField.statusCode: status = column
        case RecordField.duration: duration = column
        default: break
        }
    }

    private mutating func takeID(_ column: Column) {
        switch column.name {
        case RecordField.traceID: traceID = column
        case RecordField.spanID: spanID = column
        case RecordField.parentSpanID: parentID = column
        default: break
        }
    }

    private mutating func takeAttribute(_ column: Column) {
        if Self.databaseNames.contains(column.name) { databases.append(column) }
        if Self.peerNames.contains(column.name) { peers.append(column) }
    }

    /// Whether a name is as long as one of those below.
    @inline(__always)
    private static func isName(_ name: String) -> Bool {
        switch name.utf8.count {
        case 7, 9, 12, 13, 14: true
        default: false
        }
    }

    /// Source: OpenTelemetry semantic conventions, database client spans, now and before.
    private static let databaseNames = ["db.namespace", "db.name", "db.system.name", "db.system"]
    /// Source: the same, peer service and server address, now and before.
    private static let peerNames = ["peer.service", "server.address", "net.peer.name"]

    /// A kind that OTLP has, else 0, "unspecified".
    @inline(__always)
    static func kind(_ value: Int64) -> UInt32 { value > 0 && value <= 5 ? UInt32(value) : 0 }

    /// A status that OTLP has, else 0, "unset".
    @inline(__always)
    static func status(_ value: Int64) -> UInt32 { value > 0 && value <= 2 ? UInt32(value) : 0 }
}

/// What is looked at of each span of a batch, as arrays with an element a row.
struct SpanRows {
    let columns: SpanColumns
    let count: Int
    /// When each began.
    let times: [Int64]
    let resources: [Resource]
    let services: [UInt32]
    let kinds: [Int64]
    let statuses: [Int64]
    let durations: [Int64]
    let traceHighs: [UInt64]
    let traceLows: [UInt64]
    let spanIDs: [UInt64]
    let parentIDs: [UInt64]

    init(_ batch: EventBatch) {
        columns = SpanColumns(batch)
        count = batch.rowCount
        times = batch.times
        resources = batch.resources
        services = batch.resourceIndexes
        kinds = columns.kind.ints(count)
        statuses = columns.status.ints(count)
        durations = columns.duration.ints(count)
        traceHighs = columns.traceID.words(count, at: 0)
        traceLows = columns.traceID.words(count, at: 8)
        spanIDs = columns.spanID.words(count, at: 0)
        parentIDs = columns.parentID.words(count, at: 0)
    }

    @inline(__always)
    func kind(_ row: Int) -> UInt32 { SpanColumns.kind(kinds[row]) }

    /// Whether a span is the end that calls: 3 client, 4 producer; 2 server and 5 consumer are
    /// called.
    @inline(__always)
    func isCaller(_ row: Int) -> Bool { kinds[row] == 3 || kinds[row] == 4 }
}

extension Column? {
    /// The integers of all rows, 0 where there is none.
    fileprivate func ints(_ count: Int) -> [Int64] {
        guard let self else { return Array(repeating: 0, count: count) }
        // Fast path: every row has one.
        if self.rows.count == count { return self.ints }
        var result = [Int64](repeating: 0, count: count)
        for index in self.rows.indices { result[Int(self.rows[index])] = self.ints[index] }
        return result
    }

    /// Eight bytes of the ids of all rows, 0 where there is none.
    fileprivate func words(_ count: Int, at offset: Int) -> [UInt64] {
        guard let self else { return [UInt64](repeating: 0, count: count) }
        let entries = Self.words(self, at: offset)
        guard self.rows.count < count || !self.codes.isEmpty else { return entries }
        var result = [UInt64](repeating: 0, count: count)
        let (rows, codes) = (self.rows, self.codes)
        for index in rows.indices {
            result[Int(rows[index])] = entries[codes.isEmpty ? index : Int(codes[index])]
        }
        return result
    }

    /// Eight bytes of each entry, 0 of those that are too short.
    private static func words(_ column: Column, at offset: Int) -> [UInt64] {
        var words: [UInt64] = []
        words.reserveCapacity(column.ends.count)
        let bytes = column.bytes.span
        var start = offset
        for end in column.ends {
            words.append(start &+ 8 <= Int(end) ? word(bytes, at: start).bigEndian : 0)
            start = Int(end) &+ offset
        }
        return words
    }
}
