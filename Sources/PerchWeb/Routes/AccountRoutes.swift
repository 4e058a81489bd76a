import Hummingbird
import NIOCore
import PerchModel

extension WebRoutes {
    /// Pages about who may do what.
    func addAccountPages(to router: some RouterMethods<Context>) {
        router.get("/login") { request, context in
            let next = FormParameters(request.uri.query ?? "")["next"].flatMap(LocalPath.init)
            return await page(request, context) { LoginPage(next: next?.text).html($0) }
        }
        router.post("/login") { request, context in
            try await posted(request, context) { form in await login(request, context, form) }
        }
        router.post("/logout") { request, context in
            try await posted(request, context) { _ in
                switch await access.logout(request, context) {
                case .done(let cookie):
                    return PageResponse.redirect(to: Link("/login"), setCookie: cookie)
                case .refused(let message):
                    return await error(.forbidden, request, context, detail: message)
                }
            }
        }
        router.get("/first-run") { request, context in
            let token = FormParameters(request.uri.query ?? "")["token"] ?? ""
            let isGood = await access.isFirstRunToken(token)
            return await page(request, context) {
                FirstRunPage(token: isGood ? token : nil).html($0)
            }
        }
        router.post("/first-run") { request, context in
            try await posted(request, context) { form in await firstRun(request, context, form) }
        }
        router.get("/keys") { request, context in
            try await administering(request, context) {
                try await keys(request, context)
            }
        }
        router.post("/keys") { request, context in
            try await posted(request, context) { form in
                try await administering(request, context) {
                    try await createKey(request, context, form)
                }
            }
        }
        router.post("/keys/revoke") { request, context in
            try await posted(request, context) { form in
                try await administering(request, context) {
                    switch await access.revokeKey(form["id"] ?? "") {
                    case .done: return PageResponse.redirect(to: Link("/keys"))
                    case .refused(let message):
                        return try await keys(request, context, message: message)
                    }
                }
            }
        }
    }

    private func page(
        _ request: Request, _ context: Context, _ make: (Frame) -> Markup
    ) async -> Response {
        let (frame, setCookies) = await guardedFrame(request, context)
        return PageResponse.html(make(frame), setCookies: setCookies)
    }

    /// Reads a form, bounded, and goes on only when it came from a page of ours.
    func posted(
        _ request: Request, _ context: Context, _ action: (FormParameters) async throws -> Response
    ) async throws -> Response {
        // Answers 413 by itself when the body is larger.
        let body = try await request.body.collect(upTo: Limits.formBytesMax)
        let form = FormParameters(String(buffer: body))
        guard await access.checkCSRF(request, context, form["csrf"] ?? "") else {
            return await error(
                .forbidden, request, context,
                detail: "The form is too old or came from elsewhere. Go back, reload, try again.")
        }
        return try await action(form)
    }

    func administering(
        _ request: Request, _ context: Context, _ action: () async throws -> Response
    ) async throws -> Response {
        let visitor = await access.visitor(request, context)
        guard visitor.isAdmin else {
            guard visitor.name == nil else { return await error(.forbidden, request, context) }
            return PageResponse.redirect(to: Link("/login", query: [("next", "/keys")]))
        }
        return try await action()
    }

    private func login(
        _ request: Request, _ context: Context, _ form: FormParameters
    ) async -> Response {
        let name = String((form["name"] ?? "").prefix(200))
        let next = form["next"].flatMap(LocalPath.init)
        switch await access.login(request, context, name, form["password"] ?? "") {
        case .done(let cookie):
            return PageResponse.redirect(to: next?.link ?? Link("/"), setCookie: cookie)
        case .refused(let message):
            let (frame, setCookies) = await guardedFrame(request, context)
            return PageResponse.html(
                LoginPage(message: message, name: name, next: next?.text).html(frame),
                status: .unauthorized, setCookies: setCookies)
        }
    }

    private func firstRun(
        _ request: Request, _ context: Context, _ form: FormParameters
    ) async -> Response {
        let token = form["token"] ?? ""
        let name = String((form["name"] ?? "").prefix(200))
        let password = form["password"] ?? ""
        var message: String?
        if !(await access.isFirstRunToken(token)) {
            return await page(request, context) { FirstRunPage(token: nil).html($0) }
        } else if password != form["again"] {
            message = "The two passwords differ."
        } else {
            switch await access.setFirstPassword(request, context, token, name, password) {
            case .done(let cookie):
                return PageResponse.redirect(
                    to: cookie == nil ? Link("/login") : Link("/"), setCookie: cookie)
            case .refused(let words): message = words
            }
        }
        return await page(request, context) {
            FirstRunPage(token: token, message: message, name: name).html($0)
        }
    }

    private func keys(
        _ request: Request, _ context: Context, secret: String? = nil, message: String? = nil
    ) async throws -> Response {
        let rows = try await access.listKeys()
        return await page(request, context) {
            KeysPage(keys: rows, secret: secret, message: message).html($0)
        }
    }

    private func createKey(
        _ request: Request, _ context: Context, _ form: FormParameters
    ) async throws -> Response {
        let name = String((form["name"] ?? "").prefix(200))
        guard !name.isEmpty, let kind = form["kind"].flatMap(KeyKind.init(rawValue:)) else {
            return try await keys(request, context, message: "A key needs a name and a kind.")
        }
        switch await access.createKey(name, kind) {
        case .created(let secret): return try await keys(request, context, secret: secret)
        case .refused(let message): return try await keys(request, context, message: message)
        }
    }
}
