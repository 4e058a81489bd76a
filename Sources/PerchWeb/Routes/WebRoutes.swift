package import Hummingbird
package import PerchModel
package import PerchPromQL

/// The routes of all pages.
package struct WebRoutes<Context: RequestContext>: Sendable {
    let queries: PageQueries
    let cached: CachedQueries
    let labels: any LabelSource
    /// Dashboards, saved searches, deploys.
    let documents: any PageStore
    let dashboards: DashboardLibrary
    let panelAnswers: PanelAnswers
    let access: WebAccess<Context>
    let version: String
    let scheme: @Sendable (Request) -> String
    let report: @Sendable (StoreFailure) -> Void
    let now: @Sendable () -> Int64
    let queryOptions: @Sendable () -> QueryOptions

    /// `queryOptions` bounds questions in PromQL and LogQL.
    ///
    /// `scheme` is how a reader reached the server, `http` or `https`; `report` is told of failures
    /// behind a page; `now` is nanoseconds since 1970.
    package init(
        events: any EventSource, samples: any SampleSource, labels: any LabelSource,
        documents: any PageStore,
        dashboards: DashboardLibrary, access: WebAccess<Context>,
        version: String, scheme: @escaping @Sendable (Request) -> String = { _ in "http" },
        report: @escaping @Sendable (StoreFailure) -> Void,
        queryOptions: @escaping @Sendable () -> QueryOptions = { QueryOptions() },
        now: @escaping @Sendable () -> Int64
    ) {
        self.queryOptions = queryOptions
        queries = PageQueries(
            events: events, samples: samples, documents: documents, options: queryOptions)
        cached = CachedQueries(queries, now: now)
        self.labels = labels
        self.documents = documents
        self.dashboards = dashboards
        panelAnswers = PanelAnswers(
            events: events, samples: samples, options: queryOptions, now: now)
        self.access = access
        self.version = version
        self.scheme = scheme
        self.report = report
        self.now = now
    }

    /// Adds every page and asset.
    package func add(to router: some RouterMethods<Context>) {
        addDataPages(to: router)
        addLogsPages(to: router)
        addTracesPages(to: router)
        addAccountPages(to: router)
        addPalette(to: router)
        addDashboards(to: router)
        router.get("/about") { request, context in
            let frame = await frame(request, context)
            return PageResponse.html(AboutPage(version: version).html(frame))
        }
        router.get("/about/licences") { request, context in
            let frame = await frame(request, context)
            return PageResponse.html(
                LicencesPage(licences: LicencesPage.builtIn).html(frame))
        }
        router.get("/assets/{name}") { request, context in
            guard let asset = AssetTable.find(context.parameters.get("name") ?? "") else {
                return await error(.notFound, request, context)
            }
            return PageResponse.asset(asset, isVersioned: request.uri.query == "v=\(asset.version)")
        }
        router.get("/favicon.ico") { _, _ in
            AssetTable.find(AssetTable.icon).map { PageResponse.asset($0, isVersioned: false) }
                ?? Response(status: .notFound)
        }
    }

    // MARK: What every page needs

    /// A part of the path, decoded: the router gives it as it stands in the address.
    func segment(_ name: String, _ context: Context) -> String {
        LocalPath.decoded(context.parameters.get(name) ?? "")
    }

    func frame(_ request: Request, _ context: Context) async -> Frame {
        await guardedFrame(request, context).frame
    }

    /// As `frame`, and what the forms of the page need besides.
    func guardedFrame(
        _ request: Request, _ context: Context
    ) async -> (frame: Frame, setCookies: [String]) {
        let visitor = await access.visitor(request, context)
        let host = request.head.authority ?? "127.0.0.1:9700"
        let form = await access.formGuard(request, context)
        var frame = Frame(
            nowNanos: now(), origin: "\(scheme(request))://\(host)", user: visitor.name,
            isAdmin: visitor.isAdmin, csrf: form.token,
            theme: request.cookies[Theme.cookieName].flatMap { Theme(rawValue: $0.value) })
        let parameters = FormParameters(request.uri.query ?? "")
        if parameters["range"] != nil || parameters["from"] != nil {
            frame.range = TimeRange(parameters, now: frame.nowNanos)
        }
        return (frame, [form.setCookie].compactMap(\.self))
    }

    /// The page of a refusal or failure, also for routes of others.
    package func error(
        _ kind: ErrorPage.Kind, _ request: Request, _ context: Context, detail: String? = nil
    ) async -> Response {
        let status: HTTPResponse.Status =
            switch kind {
            case .notFound: .notFound
            case .forbidden: .forbidden
            case .failed: .internalServerError
            case .unavailable: .serviceUnavailable
            }
        let frame = await frame(request, context)
        return PageResponse.html(ErrorPage(kind, detail: detail).html(frame), status: status)
    }

    /// Runs `page` for a visitor who may read; makes a page of what fails.
    ///
    /// `missing` says more where there is none.
    func reading(
        _ request: Request, _ context: Context, missing: String? = nil,
        _ page: (Frame, FormParameters) async throws(StoreFailure) -> Markup?
    ) async -> Response {
        let visitor = await access.visitor(request, context)
        guard visitor.canRead else {
            guard visitor.name == nil else { return await error(.forbidden, request, context) }
            return PageResponse.redirect(
                to: Link("/login", query: [("next", request.uri.description)]))
        }
        let frame = await frame(request, context)
        do throws(StoreFailure) {
            guard let markup = try await page(frame, FormParameters(request.uri.query ?? "")) else {
                return await error(.notFound, request, context, detail: missing)
            }
            // No cookie: without a session these pages have no form that changes anything.
            return PageResponse.html(markup)
        } catch {
            // What a store says may name files; the server's log is the place for it.
            report(error)
            return await self.error(.unavailable, request, context)
        }
    }
}
