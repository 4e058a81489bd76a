/// Where resources and columns stand in a batch that grows, found without looking at all of them.
///
/// It belongs to one batch and follows what is added to it.
package struct EventBatchIndex: Sendable {
    private var resources: [Resource: UInt32] = [:]
    private var resourceCount = 0
    private var columns: [ColumnKey: Int] = [:]
    private var columnCount = 0
    /// By column.
    private var entries: [KnownEntries] = []

    package init() {}

    /// What is known of the entries of a column.
    subscript(entriesOf column: Int) -> KnownEntries {
        mutating get {
            extend(to: column)
            return entries[column]
        }
        _modify {
            extend(to: column)
            yield &entries[column]
        }
    }

    private mutating func extend(to column: Int) {
        while entries.count <= column { entries.append(KnownEntries()) }
    }

    /// The index of a resource among `all`, or nil.
    mutating func position(of resource: Resource, in all: [Resource]) -> UInt32? {
        while resourceCount < all.count {
            resources[all[resourceCount]] = UInt32(resourceCount)
            resourceCount += 1
        }
        return resources[resource]
    }

    /// The index of the column of the same field and kind among `all`, or nil.
    mutating func position(of column: Column, in all: [Column]) -> Int? {
        while columnCount < all.count {
            columns[ColumnKey(all[columnCount])] = columnCount
            columnCount += 1
        }
        return columns[ColumnKey(column)]
    }
}

/// What makes a column one of its batch.
private struct ColumnKey: Hashable {
    var name: String
    var space: FieldSpace
    var kind: ColumnKind

    init(_ column: Column) {
        name = column.name
        space = column.space
        kind = column.kind
    }
}
