package import PerchModel

/// Reads Elasticsearch's bulk format, as shippers of logs write it: a line that says what to do,
/// then a line with the document.
///
/// Source: Elasticsearch 8, "Bulk API". Documents are read as ``JSONLines`` reads its lines.
package enum Bulk {
    /// Reads a body; `options` say how documents are read.
    ///
    /// Only a limit of the whole body, or a line where an action belongs that is none, refuses it.
    package static func decode(
        _ body: [UInt8], options: JSONLinesOptions, receivedNanos: Int64
    ) throws(WireFailure) -> BulkResult {
        var decoder = BulkDecoder(
            writer: LineWriter(options: options, receivedNanos: receivedNanos))
        try decoder.lines(body)
        var result = decoder.result
        result.batch = decoder.writer.batch
        return result
    }
}

/// What a body in bulk format held.
package struct BulkResult: Sendable {
    /// One action.
    package struct Item: Sendable, Equatable {
        /// `create`, `index`, `update` or `delete`.
        package var action: String
        /// The index that it names; empty for none.
        package var index: String
        /// The row of the batch; nil when nothing was kept.
        package var row: Int?
    }

    package var batch: EventBatch
    package var items: [Item] = []
}

private struct BulkDecoder {
    var writer: LineWriter
    var result = BulkResult(batch: EventBatch(dataset: .logs))

    init(writer: LineWriter) {
        self.writer = writer
    }

    mutating func lines(_ body: [UInt8]) throws(WireFailure) {
        var position = 0
        while let range = next(body, &position) {
            guard result.items.count < Limits.maxRows else {
                throw .tooLarge("more than \(Limits.maxRows) records")
            }
            var item = try action(body, range)
            guard item.action != "delete" else {
                result.items.append(item)
                continue
            }
            guard let document = next(body, &position) else {
                throw .malformed("a document belongs after its action", atByte: range.upperBound)
            }
            if item.action != "update" {
                // What is no JSON object is kept as text: no line is lost.
                if try writer.object(body, document, LineContext()) != nil {
                    try writer.plain(body, document, LineContext())
                }
                item.row = writer.rowCount - 1
            }
            result.items.append(item)
        }
    }

    /// The next line that is not blank.
    private func next(_ body: [UInt8], _ position: inout Int) -> Range<Int>? {
        while position < body.count {
            let end = LineText.lineEnd(body.span, from: position)
            let range = LineText.trimmed(body, position..<end)
            position = end + 1
            if !range.isEmpty { return range }
        }
        return nil
    }

    /// `{"create":{"_index":"…"}}`.
    private func action(
        _ body: [UInt8], _ range: Range<Int>
    ) throws(WireFailure) -> BulkResult.Item {
        var reader = JSONReader(range)
        try reader.beginObject(body.span)
        var first = true
        guard let key = try reader.nextKey(body.span, &first),
            case let name = String(decoding: body[key.range], as: UTF8.self),
            ["create", "index", "update", "delete"].contains(name)
        else {
            throw .malformed(
                "create, index, update or delete belongs here", atByte: range.lowerBound)
        }
        var item = BulkResult.Item(action: name, index: "")
        try reader.beginObject(body.span)
        var isFirst = true
        while let key = try reader.nextKey(body.span, &isFirst) {
            if body[key.range].elementsEqual("_index".utf8), try reader.peek(body.span) == .string {
                var text: [UInt8] = []
                JSONUnescape.append(try reader.string(body.span), of: body.span, to: &text)
                item.index = String(decoding: text, as: UTF8.self)
            } else {
                try reader.skipValue(body.span)
            }
        }
        guard try reader.nextKey(body.span, &first) == nil else {
            throw reader.failure("one action belongs on a line")
        }
        try reader.finish(body.span)
        return item
    }
}
