import HTTPTypes
import Hummingbird
import NIOCore
import PerchModel

/// What the command palette offers: `/palette?q=WORDS`, as JSON.
extension WebRoutes {
    func addPalette(to router: some RouterMethods<Context>) {
        router.get("/palette") { request, context in
            let visitor = await access.visitor(request, context)
            guard visitor.canRead else { return Response(status: .forbidden) }
            let words = FormParameters(request.uri.query ?? "")["q"] ?? ""
            let places = await places(for: String(words.prefix(200)))
            let items = places.map { place in
                ChartJSON.object([
                    ("words", ChartJSON.string(place.words)),
                    ("kind", ChartJSON.string(place.kind)),
                    ("link", ChartJSON.string(place.link.text)),
                ])
            }
            return Response(
                status: .ok,
                headers: [.contentType: "application/json", .cacheControl: "no-store"],
                body: ResponseBody(
                    byteBuffer: ByteBuffer(string: "{\"places\":\(ChartJSON.array(items))}")))
        }
    }

    private func places(for words: String) async -> [PalettePlace] {
        let range = TimeRange(.day1, now: now())
        var all = PalettePlace.pages
        all += ((try? await cached.serviceNames(range)) ?? []).map {
            PalettePlace(words: $0, kind: "service", link: Link("/services", segment: $0))
        }
        if !words.isEmpty {
            let metrics = (try? await cached.metrics(TimeRange(.hour1, now: now()))) ?? []
            all += metrics.map { metric in
                PalettePlace(
                    words: metric.name, kind: "metric",
                    link: Link("/explore", query: [("expr", MetricsPage.question(metric))]))
            }
        }
        return PalettePlace.identifiers(words)
            + PalettePlace.fitting(words, all).prefix(Limits.paletteRowsMax)
    }
}

/// One place that the palette leads to.
struct PalettePlace: Sendable, Hashable {
    var words: String
    var kind: String
    var link: Link

    static let pages: [PalettePlace] = [
        PalettePlace(words: "Home", kind: "page", link: Link("/")),
        PalettePlace(words: "Logs", kind: "page", link: Link("/logs")),
        PalettePlace(words: "Traces", kind: "page", link: Link("/traces")),
        PalettePlace(words: "Metrics", kind: "page", link: Link("/explore")),
        PalettePlace(words: "Dashboards", kind: "page", link: Link("/dashboards")),
        PalettePlace(words: "Map of services", kind: "page", link: Link("/map")),
        PalettePlace(words: "Cardinality", kind: "page", link: Link("/cardinality")),
        PalettePlace(words: "Keys", kind: "page", link: Link("/keys")),
    ]

    /// Where an id leads: 16 or 32 hex digits may be a trace; anything long with a digit may be an
    /// id in logs.
    static func identifiers(_ words: String) -> [PalettePlace] {
        let id = words.filter { !$0.isWhitespace }
        guard id.utf8.count >= 8, id.utf8.count == words.utf8.count,
            id.utf8.contains(where: { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
        else { return [] }
        var places: [PalettePlace] = []
        if [16, 32].contains(id.utf8.count), id.utf8.allSatisfy({ Hex.value(of: $0) != nil }) {
            places.append(
                PalettePlace(
                    words: "Trace \(id)", kind: "trace",
                    link: Link("/trace", segment: id.lowercased())))
        }
        let quoted = id.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        places.append(
            PalettePlace(
                words: "Logs of request \(id)", kind: "request",
                link: Link(
                    "/logs", query: [("q", "request_id:\"\(quoted)\""), ("range", "24h")])))
        places.append(
            PalettePlace(
                words: "Logs with \(id)", kind: "search",
                link: Link("/logs", query: [("q", "\"\(quoted)\""), ("range", "24h")])))
        return places
    }

    /// Those whose words have all of `text`'s, the closest first.
    static func fitting(_ text: String, _ places: [PalettePlace]) -> [PalettePlace] {
        let wanted = text.lowercased().split(whereSeparator: \.isWhitespace)
        guard !wanted.isEmpty else { return places }
        let whole = wanted.joined(separator: " ")
        return places.enumerated().compactMap { index, place -> (rank: Int, index: Int)? in
            let name = place.words.lowercased()
            guard wanted.allSatisfy({ name.contains($0) }) else { return nil }
            let rank = name == whole ? 0 : name.hasPrefix(whole) ? 1 : 2
            return (rank, index)
        }.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }.map { places[$0.index] }
    }
}
