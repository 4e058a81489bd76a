import Hummingbird
import HummingbirdCore
import Logging
import PerchAccess
import PerchAPI
import PerchModel
import PerchWeb

extension ServerState {
    /// What the pages know of logins and keys.
    ///
    /// Whether a request may pass was decided by `RequestGuard`; this only tells who it was.
    func webAccess() -> WebAccess<PerchRequestContext> {
        WebAccess(
            visitor: { _, context in
                let principal = context.principal
                return Visitor(
                    name: principal?.user, canRead: principal?.rights.contains(.read) ?? false,
                    isAdmin: principal?.rights.contains(.admin) ?? false)
            },
            formGuard: { [self] request, context in formGuard(request, context) },
            checkCSRF: { [self] request, context, token in
                guard let session = formSession(request, context) else { return false }
                return access.isCSRFToken(token, session: session)
            },
            login: { [self] _, context, name, password in
                await login(name: name, password: password, context)
            },
            logout: { [self] _, context in await logout(context.principal) },
            isFirstRunToken: { [self] token in access.isFirstRunToken(token) },
            setFirstPassword: { [self] _, context, token, name, password in
                await makeFirstUser(token: token, name: name, password: password, context)
            },
            listKeys: { [self] in
                try await access.keys().compactMap { key in
                    PerchWeb.KeyKind(rawValue: key.kind).map {
                        KeyRow(
                            id: key.id, name: key.name, kind: $0, createdNanos: key.createdNanos,
                            lastUsedNanos: nil)
                    }
                }
            },
            createKey: { [self] name, kind in await createKey(name: name, kind: kind) },
            revokeKey: { [self] id in await revokeKey(id: id) },
            makeSecret: {
                var random = SystemRandomNumberGenerator()
                return Hex.encode((0..<24).map { _ in UInt8.random(in: 0...255, using: &random) })
            },
            hash: { SecretHash.digest($0) })
    }

    /// Built in, from the configured folder, and saved in the pages.
    func dashboardLibrary() -> DashboardLibrary {
        DashboardLibrary(documents: stores.catalog, builtIn: DashboardPacks.all) { [self] in
            dashboardFiles.read(configuration.dashboards)
        }
    }

    /// The cookie that stands for a session in the forms of who has none: one a browser, so that a
    /// token fetched by somebody else opens nothing here.
    private static let formCookieName = "perch_form"

    private func formGuard(_ request: Request, _ context: PerchRequestContext) -> FormGuard {
        if let session = formSession(request, context) {
            return FormGuard(token: access.csrfToken(session: session))
        }
        var random = SystemRandomNumberGenerator()
        let value = Hex.encode((0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
        let secure = certificates != nil || configuration.behindProxy ? "; Secure" : ""
        return FormGuard(
            token: access.csrfToken(session: Self.formSession(value)),
            setCookie: "\(Self.formCookieName)=\(value); Path=/; HttpOnly; SameSite=Strict" + secure
        )
    }

    /// What a form's token is bound to; nil for a browser that was not given a cookie yet.
    private func formSession(_ request: Request, _ context: PerchRequestContext) -> String? {
        if let token = context.principal?.sessionToken { return token }
        let cookie = request.cookies[Self.formCookieName]?.value
        return cookie.flatMap { $0.utf8.count == 64 ? Self.formSession($0) : nil }
    }

    /// Told apart from sessions of people.
    private static func formSession(_ value: String) -> String { "form " + value }

    private func login(
        name: String, password: String, _ context: PerchRequestContext
    ) async -> AccessOutcome {
        await outcome {
            guard
                let token = try await access.login(
                    name: name, password: password, peer: context.clientAddress ?? "")
            else {
                return .refused("The name or the password is wrong.")
            }
            return .done(setCookie: cookie(token, maxAgeSeconds: 30 * 86_400))
        }
    }

    private func logout(_ principal: Principal?) async -> AccessOutcome {
        await outcome {
            if let token = principal?.sessionToken { try await access.logout(token: token) }
            return .done(setCookie: cookie("", maxAgeSeconds: 0))
        }
    }

    private func makeFirstUser(
        token: String, name: String, password: String, _ context: PerchRequestContext
    ) async -> AccessOutcome {
        let made = await outcome {
            try await access.createFirstUser(token: token, name: name, password: password)
            return .done(setCookie: nil)
        }
        guard case .done = made else { return made }
        return await login(name: name, password: password, context)
    }

    private func createKey(name: String, kind: PerchWeb.KeyKind) async -> KeyOutcome {
        guard let kind = PerchAccess.KeyKind(rawValue: kind.rawValue) else {
            return .refused("There is no such kind of key.")
        }
        do {
            return .created(secret: try await access.createKey(kind, name: name))
        } catch let failure as AccessService.Failure {
            return .refused(failure.description)
        } catch {
            logger.error("a key could not be made", metadata: ["error": "\(error)"])
            return .refused("The key could not be kept; see the server's log.")
        }
    }

    private func revokeKey(id: String) async -> AccessOutcome {
        await outcome {
            guard try await access.revokeKey(id: id) else {
                return .refused("There is no such key; somebody else may have taken it back.")
            }
            authenticator.forgetVerified()
            return .done(setCookie: nil)
        }
    }

    /// Runs a change; a refusal is told to the reader, any other failure to the log.
    private func outcome(_ work: () async throws -> AccessOutcome) async -> AccessOutcome {
        do {
            return try await work()
        } catch let failure as AccessService.Failure {
            return .refused(failure.description)
        } catch {
            logger.error("a change of access failed", metadata: ["error": "\(error)"])
            return .refused("This could not be kept; see the server's log.")
        }
    }

    private func cookie(_ token: String, maxAgeSeconds: Int) -> String {
        let secure = certificates != nil || configuration.behindProxy ? "; Secure" : ""
        return "\(RequestGuard.cookieName)=\(token); Path=/; Max-Age=\(maxAgeSeconds); HttpOnly"
            + "; SameSite=Lax" + secure
    }
}
