import HTTPTypes
import Hummingbird
import NIOCore
import PerchLogQL
import PerchModel

extension WebRoutes {
    /// The pages of logs, and what helps whoever types there.
    func addLogsPages(to router: some RouterMethods<Context>) {
        router.get("/logs") { request, context in
            await reading(request, context) { frame, parameters throws(StoreFailure) in
                try await logs(LogsState(parameters, now: frame.nowNanos), frame.nowNanos)
                    .html(frame)
            }
        }
        router.get("/logs/context") { request, context in
            await reading(request, context) { frame, parameters throws(StoreFailure) in
                guard let service = parameters["service"],
                    let time = parameters["time"].flatMap(Int64.init)
                else { return nil }
                let count = parameters["n"].flatMap(Int.init) ?? 20
                let found = try await queries.context(of: service, at: time, count: count)
                return LogsContextPage(context: found).html(frame)
            }
        }
        router.get("/logs/complete") { request, context in
            await completion(request, context, .logs)
        }
        router.get("/logs/saved") { request, context in
            await readingWithForms(request, context) { frame, parameters in
                SavedSearchesPage(
                    saved: await savedSearches(),
                    address: parameters["at"].flatMap(SavedSearchesPage.address)
                ).html(frame)
            }
        }
        router.post("/logs/saved") { request, context in
            try await posted(request, context) { form in
                try await administering(request, context) {
                    await save(request, context, form)
                }
            }
        }
        router.post("/logs/saved/delete") { request, context in
            try await posted(request, context) { form in
                try await administering(request, context) {
                    do {
                        _ = try await documents.deleteDocument(
                            kind: SavedSearch.kind, name: form["name"] ?? "")
                    } catch {
                        return await savedPage(
                            request, context, form, message: "The search could not be deleted.")
                    }
                    return PageResponse.redirect(to: Link("/logs/saved"))
                }
            }
        }
    }

    private func logs(
        _ state: LogsState, _ now: Int64
    ) async throws(StoreFailure) -> LogsPage {
        let services = try await cached.serviceNames(state.range)
        let kept = await savedSearches().filter { $0.address.hasPrefix("/logs") }
        let question: LogQuestion
        do throws(SearchFailure) {
            question = try state.question(now: now)
        } catch {
            return LogsPage(
                state: state, services: services, answer: nil, failure: error, saved: kept)
        }
        let answer = try await queries.page(question, state)
        return LogsPage(state: state, services: services, answer: answer, saved: kept)
    }

    /// What stands next in a search box; `q` is the text before the cursor.
    func completion(
        _ request: Request, _ context: Context, _ dataset: Dataset
    ) async -> Response {
        guard await access.visitor(request, context).canRead else {
            return Response(status: .forbidden)
        }
        let parameters = FormParameters(request.uri.query ?? "")
        let range = TimeRange(parameters, now: now())
        let before = String(
            (parameters["q"] ?? "").prefix(PerchLogQL.Limits.searchCharactersMax))
        do {
            let found = try await queries.completion(before, dataset, range)
            return Response(
                status: .ok,
                headers: [.contentType: "application/json", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: found.json)))
        } catch {
            report(error)
            return Response(status: .serviceUnavailable)
        }
    }

    // MARK: Searches that are kept

    /// None when they cannot be read: the page is useful without them.
    func savedSearches() async -> [SavedSearch] {
        let kept = (try? await documents.documents(kind: SavedSearch.kind)) ?? []
        return kept.map { SavedSearch($0) }
    }

    private func save(
        _ request: Request, _ context: Context, _ form: FormParameters
    ) async -> Response {
        let name = (form["name"] ?? "").split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
        guard !name.isEmpty, name.utf8.count <= Limits.savedNameBytesMax,
            let address = form["at"].flatMap(SavedSearchesPage.address)
        else {
            return await savedPage(
                request, context, form,
                message: "A search needs a name of at most \(Limits.savedNameBytesMax) bytes.")
        }
        let known = await savedSearches()
        guard known.count < Limits.savedSearchesMax || known.contains(where: { $0.name == name })
        else {
            return await savedPage(
                request, context, form,
                message: "\(Limits.savedSearchesMax) searches are saved; delete one first.")
        }
        do {
            let author = await access.visitor(request, context).name
            _ = try await documents.save(
                StoredDocument(
                    kind: SavedSearch.kind, name: name, text: address.text, author: author,
                    updatedNanos: now()), replacing: nil)
        } catch {
            return await savedPage(
                request, context, form, message: "The search could not be saved.")
        }
        return PageResponse.redirect(to: address.link)
    }

    private func savedPage(
        _ request: Request, _ context: Context, _ form: FormParameters, message: String
    ) async -> Response {
        let (frame, setCookies) = await guardedFrame(request, context)
        let page = SavedSearchesPage(
            saved: await savedSearches(), address: form["at"].flatMap(SavedSearchesPage.address),
            name: form["name"] ?? "", message: message)
        return PageResponse.html(page.html(frame), status: .badRequest, setCookies: setCookies)
    }

    /// As `reading`, for pages with forms that change something.
    private func readingWithForms(
        _ request: Request, _ context: Context,
        _ page: (Frame, FormParameters) async -> Markup
    ) async -> Response {
        let visitor = await access.visitor(request, context)
        guard visitor.canRead else {
            guard visitor.name == nil else { return await error(.forbidden, request, context) }
            return PageResponse.redirect(
                to: Link("/login", query: [("next", request.uri.description)]))
        }
        let (frame, setCookies) = await guardedFrame(request, context)
        let markup = await page(frame, FormParameters(request.uri.query ?? ""))
        return PageResponse.html(markup, setCookies: setCookies)
    }
}
