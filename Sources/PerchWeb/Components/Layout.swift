/// What every page needs to know of its reader and server.
package struct Frame: Sendable, Hashable {
    /// The name of who is logged in.
    package var user: String?
    package var isAdmin = false
    /// Goes into every form that changes something.
    package var csrf: String?
    package var nowNanos: Int64
    /// How the reader reached this server, for snippets: `http://127.0.0.1:9700`.
    package var origin: String
    /// Whether the binary has chart assets; a parameter so that pages are the same in every test.
    package var hasVendorAssets: Bool
    /// The reader's choice; nil follows the system.
    package var theme: Theme?
    /// What the address says of time, which the ways to other pages keep.
    package var range: TimeRange?

    package init(
        nowNanos: Int64, origin: String, user: String? = nil, isAdmin: Bool = false,
        csrf: String? = nil, hasVendorAssets: Bool? = nil, theme: Theme? = nil
    ) {
        self.nowNanos = nowNanos
        self.origin = origin
        self.user = user
        self.isAdmin = isAdmin
        self.csrf = csrf
        self.hasVendorAssets = hasVendorAssets ?? AssetTable.hasVendorAssets
        self.theme = theme
    }
}

/// Light or dark, where the reader chose.
package enum Theme: String, Sendable, Hashable {
    case light
    case dark

    /// The cookie that holds the choice; a script sets it.
    package static let cookieName = "perch_theme"
}

/// The parts of the navigation.
enum Place: Sendable, CaseIterable {
    case services
    case logs
    case traces
    case metrics
    case dashboards
    case keys
    case about

    var words: String {
        switch self {
        case .services: "Home"
        case .logs: "Logs"
        case .traces: "Traces"
        case .metrics: "Metrics"
        case .dashboards: "Dashboards"
        case .keys: "Keys"
        case .about: "About"
        }
    }

    var link: Link {
        switch self {
        case .services: Link("/")
        case .logs: Link("/logs")
        case .traces: Link("/traces")
        case .metrics: Link("/explore")
        case .dashboards: Link("/dashboards")
        case .keys: Link("/keys")
        case .about: Link("/about")
        }
    }
}

extension Frame {
    /// A whole page.
    func page(
        _ title: String, _ place: Place?, isBare: Bool = false,
        @MarkupBuilder _ content: () -> Markup
    ) -> Markup {
        .document(
            tag(
                .html, .attribute("lang", "en"),
                theme.map { .attribute("data-theme", $0.rawValue) }
            ) {
                head(title)
                tag(.body) {
                    tag(.a, .class("skip"), .attribute("href", "#main")) { "Skip to content" }
                    if !isBare { bar(place) }
                    tag(.main, .id("main")) {
                        if !hasVendorAssets { assetsNotice }
                        content()
                    }
                }
            })
    }

    private func head(_ title: String) -> Markup {
        tag(.head) {
            tag(.meta, .attribute("charset", "utf-8"))
            tag(
                .meta, .name("viewport"),
                .attribute("content", "width=device-width, initial-scale=1"))
            tag(.meta, .name("color-scheme"), .attribute("content", "light dark"))
            tag(.meta, .name("referrer"), .attribute("content", "same-origin"))
            // Both would need what our content security policy refuses.
            tag(
                .meta, .name("htmx-config"),
                .attribute(
                    "content",
                    #"{"includeIndicatorStyles":false,"allowEval":false,"historyCacheSize":0}"#))
            tag(.title) { "\(title) · Perch" }
            asset(AssetTable.icon) {
                tag(.link, .attribute("rel", "icon"), .type("image/svg+xml"), .href($0))
            }
            if hasVendorAssets {
                asset(AssetTable.chartStylesheet) {
                    tag(.link, .attribute("rel", "stylesheet"), .href($0))
                }
            }
            asset(AssetTable.stylesheet) {
                tag(.link, .attribute("rel", "stylesheet"), .href($0))
            }
            if hasVendorAssets {
                asset(AssetTable.htmx) { tag(.script, .src($0), .flag("defer")) }
                asset(AssetTable.chartScript) { tag(.script, .src($0), .flag("defer")) }
            }
            asset(AssetTable.script) { tag(.script, .src($0), .flag("defer")) }
        }
    }

    private func asset(_ name: String, _ make: (Link) -> Markup) -> Markup {
        AssetTable.link(name).map(make) ?? .empty
    }

    private func bar(_ place: Place?) -> Markup {
        tag(.header, .class("bar")) {
            tag(.a, .class("brand"), .href(Link("/"))) {
                Icons.mark
                tag(.span) { "Perch" }
            }
            tag(.nav, .class("places"), .label("Main")) {
                for item in [Place.services, .logs, .traces, .metrics, .dashboards] {
                    self.item(item, place)
                }
            }
            tag(.div, .class("own")) {
                tag(
                    .button, .class("jump"), .type("button"), .flag("data-palette"),
                    .title("Go to a service, dashboard, metric, trace or request"),
                    .label("Go to")
                ) {
                    Icons.search
                    tag(.span, .class("words")) { "Go to…" }
                    tag(.kbd, .hidden) { "Ctrl K" }
                }
                menu(place)
            }
        }
    }

    /// Everything that is not looked at every day.
    private func menu(_ place: Place?) -> Markup {
        tag(.details, .class("menu")) {
            tag(.summary, .label("Account and settings")) {
                Icons.person
                if let user { tag(.span) { cut(user, 20) } }
            }
            tag(.div, .class("menu-list")) {
                for (choice, words) in [("light", "Light"), ("dark", "Dark"), ("system", "System")]
                {
                    tag(
                        .button, .type("button"), .attribute("data-theme-choice", choice)
                    ) { words }
                }
                tag(.hr)
                if isAdmin {
                    tag(.a, .href(Place.keys.link), current(.keys, place)) { Place.keys.words }
                }
                tag(.a, .href(Place.about.link), current(.about, place)) { Place.about.words }
                if let user {
                    tag(.form, .attribute("method", "post"), .action(Link("/logout"))) {
                        csrfField
                        tag(.button, .title("Signed in as \(user)")) { "Sign out" }
                    }
                } else {
                    tag(.a, .href(Link("/login"))) { "Sign in" }
                }
            }
        }
    }

    private func current(_ item: Place, _ current: Place?) -> Attribute? {
        item == current ? .attribute("aria-current", "page") : nil
    }

    private func item(_ item: Place, _ current: Place?) -> Markup {
        tag(
            .a, .class("place"), .href(range.map { item.link.adding($0) } ?? item.link),
            self.current(item, current)
        ) { item.words }
    }

    /// The hidden field that shows a form came from our own page.
    var csrfField: Markup {
        tag(.input, .type("hidden"), .name("csrf"), .value(csrf ?? ""))
    }

    private var assetsNotice: Markup {
        tag(.p, .class("notice"), .attribute("role", "note")) {
            "This binary was built without chart assets, so charts are plain and pages do not "
            "refresh by themselves. Run "
            tag(.code) { "make assets" }
            " and build again."
        }
    }

    /// A time in UTC that a script shows in the reader's zone.
    func time(_ nanos: Int64, style: StaticString = "full") -> Markup {
        let instant = Instant(nanos: nanos)
        return tag(
            .time, .attribute("datetime", instant.iso),
            .attribute("data-style", String(describing: style)),
            .title(instant.plain + " UTC")
        ) {
            switch String(describing: style) {
            case "full": instant.short(now: nowNanos, millis: false)
            case "millis": instant.short(now: nowNanos, millis: true)
            default: instant.plain
            }
        }
    }

    /// How long ago, with the time itself for who points at it.
    func ago(_ nanos: Int64) -> Markup {
        let instant = Instant(nanos: nanos)
        return tag(
            .time, .attribute("datetime", instant.iso), .attribute("data-style", "ago"),
            .title(instant.plain + " UTC")
        ) { instant.ago(now: nowNanos) }
    }
}

/// Sentences that say where a bound was reached.
func notices(_ texts: [String]) -> Markup {
    group {
        for text in texts { tag(.p, .class("notice"), .attribute("role", "note")) { text } }
    }
}

/// A colour that stays with a name, one of eight classes.
func colour(of name: String) -> String {
    var hash: UInt32 = 2_166_136_261
    for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return "c\(hash % 8)"
}

/// A long name of parts, which may go on in the next line behind each of them.
func breakable(_ name: String) -> Markup {
    let parts = name.split(omittingEmptySubsequences: false) { $0 == "_" || $0 == "=" || $0 == "/" }
    guard parts.count <= 64 else { return Markup(name) }
    return group {
        for part in parts {
            let end =
                part.endIndex < name.endIndex ? name.index(after: part.endIndex) : part.endIndex
            String(name[part.startIndex..<end])
            if end < name.endIndex { tag(.wbr) }
        }
    }
}

/// A service's name with its colour.
func serviceLabel(_ name: String) -> Markup {
    tag(.span, .class("service")) {
        tag(.span, .class("dot \(colour(of: name))"), .hidden)
        tag(.span, .class("service-name")) { name }
    }
}

/// At most so many characters, with an ellipsis where some are missing.
func cut(_ text: String, _ count: Int = Limits.cellCharactersMax) -> String {
    if text.utf8.count <= count { return text }
    let start = text.prefix(count)
    // A character may have thousands of marks.
    if start.utf8.count > count * 8 {
        return String(text.unicodeScalars.prefix(count * 2)) + "…"
    }
    return start.endIndex == text.endIndex ? text : start + "…"
}
