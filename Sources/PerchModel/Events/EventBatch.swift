/// Who sent something: the attributes of a process, sorted by key.
///
/// Interned once a batch.
package struct Resource: Sendable, Hashable {
    /// One attribute of a resource.
    package struct Attribute: Sendable, Hashable {
        package var key: String
        package var value: FieldValue

        package init(key: String, value: FieldValue) {
            self.key = key
            self.value = value
        }
    }

    /// Sorted by key, each key once (the first given wins).
    package let attributes: [Attribute]

    package init(_ attributes: [Attribute]) {
        var seen: Set<String> = []
        self.attributes =
            attributes.filter { seen.insert($0.key).inserted }.sorted { $0.key < $1.key }
    }

    /// The value of `key`, or nil.
    package subscript(key: String) -> FieldValue? {
        attributes.first { $0.key == key }?.value
    }

    /// `service.name`, or `unknown_service` when the sender gave none or an empty one
    /// (OpenTelemetry resource conventions).
    package var service: String {
        guard let name = self["service.name"]?.text, !name.isEmpty else { return "unknown_service" }
        return name
    }

    /// Bytes of memory this resource holds, roughly.
    package var byteCount: Int {
        attributes.reduce(64) { sum, attribute in
            sum + MemoryLayout<Attribute>.stride + 32 + attribute.key.utf8.count
                + attribute.value.byteCount
        }
    }
}

/// Events of one dataset as columns.
///
/// The unit from a request's body to the write log, and of reads.
package struct EventBatch: Sendable, Hashable {
    package var dataset: Dataset
    /// Nanoseconds since 1970, one a row.
    package var times: [Int64] = []
    /// The senders in this batch.
    package var resources: [Resource] = []
    /// One a row: an index into `resources`.
    package var resourceIndexes: [UInt32] = []
    /// Unique by space, name and kind.
    ///
    /// A field with values of two kinds has two columns.
    package var columns: [Column] = []

    package init(dataset: Dataset) {
        self.dataset = dataset
    }

    package var rowCount: Int { times.count }

    /// The resource of a row.
    package func resource(ofRow row: Int) -> Resource {
        resources[Int(resourceIndexes[row])]
    }

    /// The columns that may hold `field`: of its space, or of any when it names none.
    package func columns(of field: FieldReference) -> [Column] {
        columns.filter {
            $0.name == field.name && (field.space == nil || field.space == $0.space)
        }
    }

    /// The value of a field in a row, for the edges.
    ///
    /// Looks in record, attributes, then the resource.
    package func value(of field: FieldReference, row: Int) -> FieldValue? {
        var best: (column: Column, index: Int)?
        for column in columns where column.name == field.name {
            guard field.space == nil || field.space == column.space else { continue }
            guard let index = column.index(ofRow: row) else { continue }
            if best.map({ column.rank < $0.column.rank }) ?? true { best = (column, index) }
        }
        if let best { return best.column.value(at: best.index) }
        guard field.space == nil || field.space == .resource else { return nil }
        return resource(ofRow: row)[field.name]
    }

    /// Bytes of memory this batch holds, roughly.
    package var byteCount: Int {
        rowCount * 12 + resources.reduce(0) { $0 + $1.byteCount }
            + columns.reduce(0) { $0 + $1.byteCount }
    }
}
