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
            let exposed = try read(
                response, job, timeMillis, series.knownMetadataHash, &report)
            report.durationNanos = now() - started
            let batch = try series.batch(exposed, timeMillis: timeMillis, report: &report)
            return (batch, report)
        } catch {
            let bodyByteCount = error == .tooLong ? -1 : report.bodyByteCount
            report = ScrapeReport()
            report.bodyByteCount = bodyByteCount
            report.durationNanos = now() - started
            report.message = error.message
            return (series.batch(failed: report, timeMillis: timeMillis), report)
        }
    }

    private func ask(
        _ target: ScrapeTarget, _ job: ScrapeJob
    ) async throws(ScrapeFailure) -> ScrapeResponse {
        var headers = [
            ("Accept", job.formats.accept), ("User-Agent", "perch"),
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
        _ response: ScrapeResponse, _ job: ScrapeJob, _ timeMillis: Int64, _ hash: UInt64?,
        _ report: inout ScrapeReport
    ) throws(ScrapeFailure) -> ExpositionResult {
        guard let encoding = ContentEncoding(header: response.contentEncoding) else {
            throw ScrapeFailure("content encoding \(response.contentEncoding ?? "")")
        }
        let formats = job.formats
        guard
            let format = ExpositionFormat(
                contentType: response.contentType, fallback: formats.fallback?.format ?? .text)
        else {
            throw ScrapeFailure("the content type \(response.contentType ?? "") is not read")
        }
        var options = ExpositionOptions(defaultTimeMillis: timeMillis)
        options.honorsTimes = job.honorsTimes
        options.normalizesBounds = true
        options.knownMetadataHash = hash
        options.readsNativeHistograms = formats.readsNativeHistograms
        options.keepsClassicHistograms = formats.keepsClassicHistograms
        options.convertsClassicHistograms = formats.convertsClassicHistograms
        do {
            let body = try Decompressor.decompress(
                response.body, encoding: encoding, limit: Self.bodyByteCountMax(job))
            report.bodyByteCount = body.count
            var result = try Exposition.decode(body, format: format, options: options)
            guard HistogramResolution.apply(formats, to: &result.batch.histograms) else {
                throw ScrapeFailure("histogram bucket limit exceeded")
            }
            return result
        } catch let failure as ScrapeFailure {
            throw failure
        } catch DecompressFailure.tooLarge {
            throw ScrapeFailure.tooLong
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
