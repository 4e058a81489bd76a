import PerchCodec
import PerchModel
import PerchWire

/// One scrape of one target: asks, reads, and makes the batch.
///
/// A target that is slow, large or wrong costs its own scrape and nothing else.
struct TargetScrape {
    let client: any ScrapeClient
    let files: any ScrapeFiles
    let now: @Sendable () -> Int64

    private static let accept =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        + "application/openmetrics-text;version=0.0.1;q=0.5,"
        + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,"
        + "*/*;q=0.1"

    /// The batch with all that the scrape brought, and the report that stands in it.
    ///
    /// `refusal` says why a target must not even be asked.
    func run(
        _ target: ScrapeTarget, _ job: ScrapeJob, _ series: inout ScrapeSeries,
        plannedNanos: Int64, refusal: String?
    ) async -> (batch: SampleBatch, report: ScrapeReport) {
        let started = now()
        let schedule = ScrapeSchedule(intervalNanos: target.intervalNanos, key: target.key)
        let sampleNanos = schedule.sampleNanos(planned: plannedNanos, started: started)
        let timeMillis = sampleNanos / 1_000_000
        var report = ScrapeReport()
        do throws(ScrapeFailure) {
            if let refusal { throw ScrapeFailure(refusal) }
            let response = try await ask(target, job)
            let exposed = try read(response, job, timeMillis, series.knownMetadataHash)
            report.durationNanos = now() - started
            let batch = try series.batch(exposed, timeMillis: timeMillis, report: &report)
            return (batch, report)
        } catch {
            report = ScrapeReport()
            report.durationNanos = now() - started
            report.message = error.message
            return (series.batch(failed: report, timeMillis: timeMillis), report)
        }
    }

    private func ask(
        _ target: ScrapeTarget, _ job: ScrapeJob
    ) async throws(ScrapeFailure) -> ScrapeResponse {
        var headers = [
            ("Accept", Self.accept), ("User-Agent", "perch"),
            ("Accept-Encoding", job.compresses ? "gzip" : "identity"),
            (
                "X-Prometheus-Scrape-Timeout-Seconds",
                "\(Double(target.timeoutNanos) / 1_000_000_000)"
            ),
        ]
        headers += try Self.headers(job.transport, files)
        let request = ScrapeRequest(
            url: target.url, headers: headers, timeoutNanos: target.timeoutNanos,
            bodyByteCountMax: Self.bodyByteCountMax(job), transport: job.transport)
        let response = try await client.within(request)
        guard response.status == 200 else {
            throw ScrapeFailure("server returned HTTP status \(response.status)")
        }
        return response
    }

    private func read(
        _ response: ScrapeResponse, _ job: ScrapeJob, _ timeMillis: Int64, _ hash: UInt64?
    ) throws(ScrapeFailure) -> ExpositionResult {
        guard let encoding = ContentEncoding(header: response.contentEncoding) else {
            throw ScrapeFailure("content encoding \(response.contentEncoding ?? "")")
        }
        guard let format = ExpositionFormat(contentType: response.contentType) else {
            throw ScrapeFailure("the protobuf form is not read")
        }
        var options = ExpositionOptions(defaultTimeMillis: timeMillis)
        options.honorsTimes = job.honorsTimes
        options.knownMetadataHash = hash
        do {
            let body = try Decompressor.decompress(
                response.body, encoding: encoding, limit: Self.bodyByteCountMax(job))
            return try Exposition.decode(body, format: format, options: options)
        } catch DecompressFailure.tooLarge {
            throw ScrapeFailure("body size limit exceeded")
        } catch DecompressFailure.malformed(let message, let position) {
            throw ScrapeFailure("\(message) at byte \(position)")
        } catch WireFailure.malformed(let message, let position) {
            throw ScrapeFailure("\(message) at byte \(position)")
        } catch WireFailure.tooLarge(let message) {
            throw ScrapeFailure(message)
        } catch {
            throw ScrapeFailure("the answer could not be read")
        }
    }

    private static func bodyByteCountMax(_ job: ScrapeJob) -> Int {
        job.bounds.bodyByteCount > 0 ? job.bounds.bodyByteCount : ScrapeLimits.bodyByteCountMax
    }

    /// The headers of a transport, with its secrets as they are now.
    static func headers(
        _ transport: ScrapeTransport, _ files: any ScrapeFiles
    ) throws(ScrapeFailure) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        switch transport.authorization {
        case .none: break
        case .basic(let user, let password):
            let text = "\(user):\(try secret(password, files))"
            headers.append(("Authorization", "Basic \(Base64.text(Array(text.utf8)))"))
        case .credentials(let type, let credentials):
            headers.append(("Authorization", "\(type) \(try secret(credentials, files))"))
        }
        for header in transport.headers {
            headers.append((header.name, try secret(header.value, files)))
        }
        return headers
    }

    private static func secret(
        _ secret: ScrapeTransport.Secret, _ files: any ScrapeFiles
    ) throws(ScrapeFailure) -> String {
        switch secret {
        case .text(let text): return text
        case .file(let path):
            let bytes = try files.bytes(path, byteCountMax: ScrapeLimits.secretByteCountMax)
            let text = String(decoding: bytes, as: UTF8.self)
            var trimmed = Substring(text)
            while trimmed.last?.isWhitespace == true { trimmed.removeLast() }
            return String(trimmed.drop(while: \.isWhitespace))
        }
    }
}

extension ScrapeClient {
    /// The answer, or a failure when the request's time is over, whatever the client does.
    func within(_ request: ScrapeRequest) async throws(ScrapeFailure) -> ScrapeResponse {
        let result = await withTaskGroup(
            of: Result<ScrapeResponse, ScrapeFailure>?.self
        ) { group in
            group.addTask {
                do throws(ScrapeFailure) {
                    return .success(try await get(request))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await Task.sleep(for: .nanoseconds(request.timeoutNanos))
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let result else { throw ScrapeFailure("context deadline exceeded") }
        return try result.get()
    }
}
