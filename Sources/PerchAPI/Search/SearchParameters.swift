import HTTPTypes
import Hummingbird
import NIOCore
import PerchLogQL
import PerchModel

/// The parameters of a search: of the query, and of a form for POST.
struct SearchParameters {
    private let form: FormParameters
    private let now: Int64

    init(_ request: Request, now: Int64) async throws {
        var form = FormParameters([])
        if request.method == .post {
            let body = try await request.body.collect(upTo: Limits.formByteCountMax)
            form.append(FormParameters(body.readableBytesView))
        }
        form.append(FormParameters((request.uri.query ?? "").utf8))
        self.form = form
        self.now = now
    }

    subscript(name: String) -> String? { form[name] }

    /// The dataset; logs when nothing is said.
    func dataset() throws(Problem) -> Dataset {
        let name = form["dataset"] ?? Dataset.logs.name
        guard let dataset = Dataset.allCases.first(where: { $0.name == name }) else {
            let known = Dataset.allCases.map(\.name).joined(separator: ", ")
            throw Problem(.badRequest, "dataset: no dataset \"\(name)\"; there are: \(known)")
        }
        return dataset
    }

    /// `start` to `end`, half-open; all of time where nothing is said.
    func times() throws(Problem) -> Range<Int64> {
        let start = try time("start") ?? .min
        let end = try time("end") ?? .max
        guard start <= end else { throw Problem(.badRequest, "start is after end") }
        return start..<end
    }

    /// As in a search: `-1h`, `2026-11-21T10:05:00Z`, seconds to nanoseconds since 1970.
    private func time(_ name: String) throws(Problem) -> Int64? {
        guard let text = form[name], !text.isEmpty else { return nil }
        guard let time = SearchInstant.nanos(text, now: now) else {
            throw Problem(.badRequest, "\(name): expected \(SearchInstant.expectation)")
        }
        return time
    }

    /// At most so many rows.
    func limit(default usual: Int = PerchLogQL.Limits.resultRowsDefault) throws(Problem) -> Int {
        guard let text = form["limit"], !text.isEmpty else { return usual }
        guard let limit = Int(text), (1...PerchLogQL.Limits.resultRowsMax).contains(limit) else {
            throw Problem(
                .badRequest, "limit: expected 1 to \(PerchLogQL.Limits.resultRowsMax)")
        }
        return limit
    }

    /// The search with its questions.
    func query() throws -> SearchQuery {
        do {
            return try SearchQuery.parse(form["query"] ?? "", now: now)
        } catch {
            throw SearchProblem(failure: error)
        }
    }

    /// The search, where no questions make sense.
    func search() throws -> Search {
        do {
            return try Search.filter(form["query"] ?? "", now: now)
        } catch {
            throw SearchProblem(failure: error)
        }
    }
}

/// The answer to a search that could not be read: what `Problem` says, and the place by itself.
struct SearchProblem: Error, HTTPResponseError {
    let failure: SearchFailure

    var status: HTTPResponse.Status { .badRequest }

    func response(from request: Request, context: some RequestContext) -> Response {
        var text = JSONWriter()
        text.raw("{\"status\":\"error\",\"error\":")
        text.string("query: \(failure)")
        text.raw(",\"position\":")
        text.number(failure.position)
        text.raw(",\"found\":")
        text.string(failure.found)
        text.raw(",\"expected\":")
        text.string(failure.expected)
        if let hint = failure.hint {
            text.raw(",\"hint\":")
            text.string(hint)
        }
        text.raw("}\n")
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: text.bytes)))
    }
}
