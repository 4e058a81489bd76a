import PerchModel
package import PerchWire

extension IngestPipeline {
    /// One request in Elasticsearch's bulk format; the answer has an item for each action.
    package func bulk(
        _ request: consuming IngestRequest, options: JSONLinesOptions
    ) async -> IngestAnswer {
        var request = request
        return await taking(&request, at: .bulk, factor: Limits.jsonFactor) { plain in
            let received = now()
            var result = try Bulk.decode(plain, options: options, receivedNanos: received)
            let (refused, left) = Admission(nowNanos: received).admit(&result.batch, logAges)
            try await keep(&result.batch, from: .bulk)
            count(refused, .bulk)
            counters.refused(result.items.count { $0.row == nil }, .bulk, .invalid)
            return IngestAnswer(
                status: 200, body: BulkAnswer.body(result.items, refused: left),
                contentType: "application/json")
        }
    }

    /// The answer to a shipper that asks what it is talking to.
    package static var bulkProduct: IngestAnswer {
        IngestAnswer(status: 200, body: BulkAnswer.product, contentType: "application/json")
    }
}
