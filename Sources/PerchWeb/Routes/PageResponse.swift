import HTTPTypes
import Hummingbird
import NIOCore

/// Answers that carry a page.
enum PageResponse {
    /// What a browser may do with our pages.
    ///
    /// Also set by the server's own middleware; pages carry it themselves so that no other
    /// arrangement of routes can lose it.
    private static let security: [(HTTPField.Name?, String)] = [
        (
            .contentSecurityPolicy,
            "default-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'"
        ),
        (HTTPField.Name("X-Content-Type-Options"), "nosniff"),
        (HTTPField.Name("Referrer-Policy"), "same-origin"),
    ]

    static func html(
        _ markup: Markup, status: HTTPResponse.Status = .ok, setCookies: [String] = []
    ) -> Response {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
        ]
        for (name, value) in security {
            if let name { headers[name] = value }
        }
        for cookie in setCookies { headers.append(HTTPField(name: .setCookie, value: cookie)) }
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: markup.html)))
    }

    /// After a form: the browser gets the next page with GET.
    static func redirect(to link: Link, setCookie: String? = nil) -> Response {
        var headers: HTTPFields = [.location: link.text, .cacheControl: "no-store"]
        if let setCookie { headers[.setCookie] = setCookie }
        return Response(status: .seeOther, headers: headers)
    }

    static func asset(_ asset: Asset, isVersioned: Bool) -> Response {
        var headers: HTTPFields = [
            .contentType: asset.contentType,
            .cacheControl: isVersioned
                ? "public, max-age=31536000, immutable" : "public, max-age=300",
            .eTag: "\"\(asset.version)\"",
        ]
        for (name, value) in security {
            if let name { headers[name] = value }
        }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }
}
