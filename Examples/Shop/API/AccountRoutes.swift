import HTTPTypes
import Hummingbird
import Perch
import Tracing

/// What visitors with an account do: sign in, sign up, send photos.
struct AccountRoutes: Sendable {
    let photos: PhotoQueue
    let perch: PerchService
    let clock: NanosecondClock

    struct Credentials: Decodable {
        let user: String
        let password: String
    }

    struct Welcome: ResponseEncodable {
        let user: String
    }

    struct Receipt: ResponseEncodable {
        let photo: String
    }

    func addRoutes(to router: Router<BasicRequestContext>) {
        router.post("/login") { request, context in
            let wish = try await request.decode(as: Credentials.self, context: context)
            return try login(wish, address: request.headers[.clientAddress])
        }
        router.post("/signup") { request, context in
            let wish = try await request.decode(as: Credentials.self, context: context)
            perch.business.signup(method: "email", user: wish.user)
            perch.business.notification(
                "sent", channel: "email", id: "welcome-\(wish.user)", template: "welcome",
                user: wish.user)
            return EditedResponse(status: .created, response: Welcome(user: wish.user))
        }
        router.post("/products/{id}/photos") { request, context in
            let product = try context.parameters.require("id", as: Int64.self)
            let body = try await request.body.collect(upTo: 1 << 20)
            let receipt = try take(product, byteCount: body.readableBytes)
            return EditedResponse(status: .accepted, response: receipt)
        }
    }

    /// The SDK counts failures, and tells when they become an attack.
    private func login(_ wish: Credentials, address: String?) throws -> Welcome {
        guard wish.password == "open sesame" else {
            perch.security.loginFailed(code: "wrong_password", user: wish.user, address: address)
            throw ShopFailure("wrong_password", "That is not the password.", status: .unauthorized)
        }
        perch.security.loginSucceeded(user: wish.user, address: address)
        return Welcome(user: wish.user)
    }

    /// The producer span is the one that the media worker's run links to.
    private func take(_ product: Int64, byteCount: Int) throws -> Receipt {
        try perch.tracer.withSpan("send process_photo", ofKind: .producer) { span in
            span.attributes["messaging.system"] = "memory"
            span.attributes["messaging.destination.name"] = "photos"
            let id = "photo_\(span.ids.spanID)"
            let photo = Photo(
                id: id, product: product, byteCount: byteCount, origin: span.ids,
                receivedAt: clock())
            guard photos.add(photo) else {
                perch.operations.rateLimited(backend: "memory", route: "/products/{id}/photos")
                throw ShopFailure(
                    "too_many_photos", "Too many photos wait.", status: .tooManyRequests)
            }
            return Receipt(photo: id)
        }
    }
}

extension HTTPField.Name {
    fileprivate static var clientAddress: Self {
        HTTPField.Name(parsed: "x-client-address") ?? .via
    }
}
