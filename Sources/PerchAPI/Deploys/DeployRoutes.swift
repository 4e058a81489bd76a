import HTTPTypes
package import Hummingbird
import NIOCore
import PerchLogQL
package import PerchModel

/// Versions that went into operation (RUN-4): `POST` and `GET /api/v1/deploys`.
///
/// Page: docs/deploys.md.
package struct DeployRoutes: Sendable {
    private let store: any PageStore
    private let now: @Sendable () -> Int64

    /// `now` answers nanoseconds since 1970.
    package init(store: any PageStore, now: @escaping @Sendable () -> Int64) {
        self.store = store
        self.now = now
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        router.post("api/v1/deploys") { request, _ in
            let body = try await request.body.collect(upTo: Limits.formByteCountMax)
            let isForm =
                request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded")
                == true
            let deploy =
                try isForm
                ? Self.deploy(FormFields(body.readableBytesView), now: now())
                : Self.deploy(try JSONFields(body.readableBytesView), now: now())
            let isNew = try await store.insert(deploy)
            return Self.answer(
                isNew ? .created : .ok, "{\"recorded\":\(isNew),\"deploy\":\(Self.json(deploy))}\n")
        }
        router.get("api/v1/deploys") { request, _ in
            let parameters = try await SearchParameters(request, now: now())
            let service = parameters["service"].flatMap { $0.isEmpty ? nil : $0 }
            let deploys = try await store.deploys(
                service: service, times: try parameters.times(), limit: Limits.deploysMax)
            return Self.answer(
                .ok, "{\"deploys\":[\(deploys.map(Self.json).joined(separator: ","))]}\n")
        }
    }

    /// Checks what was told; every mistake names its field.
    static func deploy(_ fields: some DeployFields, now: Int64) throws(Problem) -> Deploy {
        let service = try text(fields, "service", required: true)
        let version = try text(fields, "version", required: true)
        let environment = try text(fields, "environment", required: false)
        let link = try text(fields, "link", required: false)
        guard link.isEmpty || link.hasPrefix("https://") || link.hasPrefix("http://") else {
            throw Problem(.badRequest, "link: expected an address that begins with https://")
        }
        var time = now
        if let told = fields.text("time"), !told.isEmpty {
            guard let nanos = SearchInstant.nanos(told, now: now) else {
                throw Problem(.badRequest, "time: expected \(SearchInstant.expectation)")
            }
            time = nanos
        }
        return Deploy(
            timeNanos: time, service: service, version: version, environment: environment,
            link: link)
    }

    private static func text(
        _ fields: some DeployFields, _ name: String, required: Bool
    ) throws(Problem) -> String {
        let text = fields.text(name) ?? ""
        guard !required || !text.isEmpty else {
            throw Problem(.badRequest, "\(name): a deploy needs service and version")
        }
        guard text.utf8.count <= Limits.deployFieldByteCountMax else {
            throw Problem(
                .badRequest, "\(name): longer than \(Limits.deployFieldByteCountMax) bytes")
        }
        return text
    }

    private static func json(_ deploy: Deploy) -> String {
        var members = ["\"time\":\"\(SearchInstant.text(deploy.timeNanos))\""]
        for (name, value) in [
            ("service", deploy.service), ("version", deploy.version),
            ("environment", deploy.environment), ("link", deploy.link),
        ] where !value.isEmpty {
            members.append("\"\(name)\":" + JSONText.string(value))
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    private static func answer(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

/// What a deploy was told with.
protocol DeployFields {
    func text(_ name: String) -> String?
}

private struct FormFields: DeployFields {
    var form: FormParameters

    init(_ bytes: some Collection<UInt8>) { form = FormParameters(bytes) }

    func text(_ name: String) -> String? { form[name] }
}

private struct JSONFields: DeployFields {
    var object: JSONValue

    init(_ bytes: some Collection<UInt8>) throws(Problem) {
        guard let value = JSONValue(String(decoding: bytes, as: UTF8.self)),
            case .object = value
        else { throw Problem(.badRequest, "the body is no JSON object") }
        object = value
    }

    func text(_ name: String) -> String? {
        switch object[name] {
        case .string(let text), .number(let text): text
        default: nil
        }
    }
}
