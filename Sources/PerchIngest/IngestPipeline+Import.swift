import PerchWire

extension IngestPipeline {
    /// Samples in Prometheus' text format or OpenMetrics, of any age within retention.
    ///
    /// `extraLabels` are added to every series and replace labels of the same name;
    /// `timeMillis` is the time of samples that bring none, the server's when nil. The retry
    /// contract is that of remote write.
    package func importText(
        _ request: consuming IngestRequest, extraLabels: [(name: String, value: String)] = [],
        timeMillis: Int64? = nil
    ) async -> IngestAnswer {
        var request = request
        let door = IngestDoor.textImport
        guard let format = ExpositionFormat(contentType: request.contentType) else {
            return refuse(
                door,
                Refusal(
                    status: 415, reason: .unsupportedType,
                    message: "expected Prometheus' text format or OpenMetrics"),
                contentType: nil)
        }
        return await taking(&request, at: door, factor: Limits.binaryFactor) { plain in
            let received = now()
            var options = ExpositionOptions(
                defaultTimeMillis: timeMillis ?? received / 1_000_000)
            options.readsStaleMarkers = true
            var batch = try Exposition.decode(plain, format: format, options: options).batch
            if !extraLabels.isEmpty { batch.addLabels(extraLabels) }
            let rejected = try await samples.take(
                batch, from: door.source, nowNanos: received, ageNanosMax: sampleAgeNanosMax,
                isBackfill: true)
            guard rejected.count > 0 else {
                return IngestAnswer(status: 204, body: [], contentType: "text/plain")
            }
            return Self.partly(rejected.count, [rejected.message])
        }
    }
}
