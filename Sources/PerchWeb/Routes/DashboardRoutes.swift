import HTTPTypes
import Hummingbird
import NIOCore
import PerchDashboards
import PerchModel

/// Dashboards: the list, a page, one panel's content, and their files.
///
/// Page: docs/dashboards.md.
extension WebRoutes {
    func addDashboards(to router: some RouterMethods<Context>) {
        router.get("/dashboards") { request, context in
            await readingDocuments(request, context) { frame, _ in
                DashboardsPage(entries: try await dashboards.list()).html(frame)
            }
        }
        for path in ["/d/{uid}", "/d/{uid}/{slug}"] {
            router.get(RouterPath(path)) { request, context in
                let uid = segment("uid", context)
                return await readingDocuments(request, context) { frame, parameters in
                    try await dashboardPage(
                        uid, Link("/d", segment: uid), frame, parameters)
                }
            }
        }
        router.get("/d/{uid}/panel") { request, context in
            let uid = segment("uid", context)
            return await readingDocuments(request, context) { frame, parameters in
                try await panel(uid, Link("/d", segment: uid), frame, parameters)
            }
        }
        addShares(to: router)
        addFiles(to: router)
    }

    private func readingDocuments(
        _ request: Request, _ context: Context,
        _ page: (Frame, FormParameters) async throws -> Markup?
    ) async -> Response {
        await reading(request, context) { frame, parameters throws(StoreFailure) in
            do {
                return try await page(frame, parameters)
            } catch {
                throw .failed("dashboards: \(error)")
            }
        }
    }

    // MARK: Pages

    private func dashboardPage(
        _ uid: String, _ base: Link, _ frame: Frame, _ parameters: FormParameters
    ) async throws -> Markup? {
        guard let file = try await dashboards.find(uid) else { return nil }
        do throws(DashboardFailure) {
            let view = try await view(file, base, frame, parameters)
            // Who has only a shared link hears of no other dashboard.
            let others =
                view.isShared || view.dashboard.links.isEmpty
                ? [] : (try? await dashboards.list()) ?? []
            return DashboardPage(view: view, others: others, mayEdit: frame.isAdmin).html(frame)
        } catch {
            return ErrorPage(.failed, detail: "This dashboard cannot be read: \(error).")
                .html(frame)
        }
    }

    private func view(
        _ file: DashboardFile, _ base: Link, _ frame: Frame, _ parameters: FormParameters
    ) async throws(DashboardFailure) -> DashboardView {
        try await DashboardView(
            file: file, base: base, parameters: parameters, now: frame.nowNanos,
            cache: dashboards.cache
        ) { question, range in
            await cached.variable(question, range) { await panelAnswers.answer(question, range) }
        }
    }

    private func panel(
        _ uid: String, _ base: Link, _ frame: Frame, _ parameters: FormParameters
    ) async throws -> Markup? {
        guard let file = try await dashboards.find(uid) else { return nil }
        let view = try await view(file, base, frame, parameters)
        let layout = DashboardLayout(view.dashboard, state: view.state)
        let key = parameters["key"] ?? ""
        guard let placed = layout.rows.flatMap(\.panels).first(where: { $0.key == key }) else {
            return nil
        }
        // A guess that fits a usual screen: the page is made before its width is known.
        let columns = parameters["wide"] == nil ? placed.panel.position.width : 24
        let millis = frame.nowNanos / 1_000_000
        let questions = PanelQuestions(
            placed.panel, in: view.dashboard, state: view.state, scope: placed.scope,
            width: columns * Limits.panelColumnPixels, nowMillis: millis)
        let content = PanelContent.make(
            placed.panel, questions: questions, data: await panelAnswers.data(questions),
            scope: placed.scope, clock: UnitFormat.Clock(nowMillis: millis))
        var marks: [TimeChart.Mark] = []
        if case .timeSeries = content.body {
            marks = await DashboardMarks(view: view, queries: queries, answers: panelAnswers)
                .marks()
        }
        return PanelView(
            content: content, range: view.range, marks: marks, isShared: view.isShared
        ).html(frame)
    }

    // MARK: Read-only links

    /// The kind of the documents that hold them: the name is a hash of the link's secret, the text
    /// the dashboard's id.
    private static var shareKind: String { "share" }

    private func addShares(to router: some RouterMethods<Context>) {
        router.post("/api/v1/dashboards/{uid}/share") { request, context in
            try await administering(request, context) {
                let uid = segment("uid", context)
                guard try await dashboards.find(uid) != nil else {
                    return FileAnswer.failure(.notFound, "there is no dashboard \(uid)")
                }
                let secret = access.makeSecret()
                _ = try await documents.save(
                    StoredDocument(
                        kind: Self.shareKind, name: access.hash(secret), text: uid,
                        author: await access.visitor(request, context).name,
                        updatedNanos: now()), replacing: nil)
                return FileAnswer.json(
                    .created, [("path", ChartJSON.string(Link("/share", segment: secret).text))])
            }
        }
        router.get("/api/v1/dashboards/{uid}/share") { request, context in
            try await administering(request, context) {
                let links = try await shares(of: segment("uid", context)).map { document in
                    ChartJSON.object([
                        ("id", ChartJSON.string(document.name)),
                        ("author", document.author.map(ChartJSON.string)),
                        (
                            "created",
                            ChartJSON.string(Instant(nanos: document.updatedNanos).iso)
                        ),
                    ])
                }
                return FileAnswer.json(.ok, [("links", ChartJSON.array(links))])
            }
        }
        router.delete("/api/v1/dashboards/{uid}/share") { request, context in
            try await administering(request, context) {
                try await takeBackShares(of: segment("uid", context))
                return Response(status: .noContent)
            }
        }
        router.delete("/api/v1/dashboards/{uid}/share/{id}") { request, context in
            try await administering(request, context) {
                let id = segment("id", context)
                guard
                    try await shares(of: segment("uid", context)).contains(where: { $0.name == id })
                else { return FileAnswer.failure(.notFound, "there is no such link") }
                _ = try await documents.deleteDocument(kind: Self.shareKind, name: id)
                return Response(status: .noContent)
            }
        }
        router.get("/share/{secret}") { request, context in
            try await shared(request, context) { uid, base, frame, parameters in
                try await dashboardPage(uid, base, frame, parameters)
            }
        }
        router.get("/share/{secret}/panel") { request, context in
            try await shared(request, context) { uid, base, frame, parameters in
                try await panel(uid, base, frame, parameters)
            }
        }
    }

    /// Shows a dashboard to who has its link: nothing else of the server, and no editing.
    private func shared(
        _ request: Request, _ context: Context,
        _ page: (String, Link, Frame, FormParameters) async throws -> Markup?
    ) async throws -> Response {
        let secret = segment("secret", context)
        let document = try await documents.document(
            kind: Self.shareKind, name: access.hash(secret))
        guard let uid = document?.text else { return await error(.notFound, request, context) }
        var frame = await frame(request, context)
        frame.isAdmin = false
        var parameters = FormParameters(request.uri.query ?? "")
        parameters.append(FormParameters("kiosk=1"))
        do {
            guard
                let markup = try await page(uid, Link("/share", segment: secret), frame, parameters)
            else { return await error(.notFound, request, context) }
            return PageResponse.html(markup)
        } catch {
            // Nothing of the address goes into a log: the secret stands in it.
            report(.failed("a shared dashboard could not be shown"))
            return await self.error(.unavailable, request, context)
        }
    }

    /// The links that lead to a dashboard, newest first.
    private func shares(of uid: String) async throws -> [StoredDocument] {
        try await documents.documents(kind: Self.shareKind).filter { $0.text == uid }
            .sorted { ($1.updatedNanos, $0.name) < ($0.updatedNanos, $1.name) }
    }

    /// Its links lead nowhere any more.
    private func takeBackShares(of uid: String) async throws {
        for document in try await shares(of: uid) {
            _ = try await documents.deleteDocument(kind: Self.shareKind, name: document.name)
        }
    }

    // MARK: Files

    private func addFiles(to router: some RouterMethods<Context>) {
        router.get("/api/v1/dashboards") { request, context in
            let entries = try await dashboards.list().map { entry in
                ChartJSON.object([
                    ("uid", ChartJSON.string(entry.uid)), ("title", ChartJSON.string(entry.title)),
                    ("tags", ChartJSON.array(entry.tags.map(ChartJSON.string))),
                    ("panels", String(entry.panelCount)),
                    ("error", entry.failure.map(ChartJSON.string)),
                ])
            }
            return FileAnswer.json(.ok, [("dashboards", ChartJSON.array(entries))])
        }
        router.get("/api/v1/dashboards/{uid}") { request, context in
            let uid = segment("uid", context)
            guard let file = try await dashboards.find(uid) else {
                return FileAnswer.failure(.notFound, "there is no dashboard \(uid)")
            }
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes)))
        }
        router.post("/api/v1/dashboards") { request, context in
            try await administering(request, context) { try await save(nil, request, context) }
        }
        router.put("/api/v1/dashboards/{uid}") { request, context in
            try await administering(request, context) {
                try await save(segment("uid", context), request, context)
            }
        }
        router.delete("/api/v1/dashboards/{uid}") { request, context in
            let uid = segment("uid", context)
            return try await administering(request, context) {
                guard try await dashboards.delete(uid) else {
                    return FileAnswer.failure(.notFound, "there is no saved dashboard \(uid)")
                }
                try await takeBackShares(of: uid)
                return Response(status: .noContent)
            }
        }
    }

    private func save(
        _ uid: String?, _ request: Request, _ context: Context
    ) async throws -> Response {
        let body = try await request.body.collect(
            upTo: PerchDashboards.Limits.dashboardByteCountMax)
        let replacing = FormParameters(request.uri.query ?? "")["version"].flatMap(Int.init)
        do {
            let saved = try await dashboards.save(
                Array(body.readableBytesView), uid: uid, replacing: replacing,
                author: await access.visitor(request, context).name, now: now())
            switch saved {
            case .done(let uid, let version):
                return FileAnswer.json(
                    .ok, [("uid", ChartJSON.string(uid)), ("version", String(version))])
            case .conflict:
                return FileAnswer.failure(
                    .conflict, "somebody else saved this dashboard meanwhile; load it again")
            case .isInFolder:
                return FileAnswer.failure(
                    .conflict, "this dashboard comes from a folder; change its file there")
            }
        } catch let failure as DashboardFailure {
            return FileAnswer.failure(.badRequest, failure.description)
        }
    }
}

/// Answers of the dashboards' files.
private enum FileAnswer {
    static func json(
        _ status: HTTPResponse.Status, _ members: [(name: String, value: String?)]
    ) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: ChartJSON.object(members) + "\n")))
    }

    static func failure(_ status: HTTPResponse.Status, _ words: String) -> Response {
        json(status, [("status", "\"error\""), ("error", ChartJSON.string(words))])
    }
}
