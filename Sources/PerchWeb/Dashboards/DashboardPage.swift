import PerchDashboards
import PerchModel

/// One dashboard: its variables, its rows, and a frame for each panel that fetches its content when
/// it comes into view.
package struct DashboardPage: Sendable {
    var view: DashboardView
    /// Panels of this key alone, on the whole page.
    var viewed: String?
    var isKiosk: Bool
    var isEditing: Bool
    /// Others with a tag, for links.
    var others: [DashboardEntry]

    /// Editing needs the right to change dashboards.
    package init(view: DashboardView, others: [DashboardEntry] = [], mayEdit: Bool) {
        self.view = view
        self.others = others
        viewed = view.parameters["viewPanel"]
        isKiosk = view.parameters["kiosk"] != nil
        isEditing = mayEdit && view.parameters["edit"] != nil && view.file.isEditable
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page(view.dashboard.title, .dashboards, isBare: isKiosk) {
            tag(
                .div, .class("dashboard"), .attribute("data-dashboard", view.file.uid),
                .attribute("data-refresh", view.range.isLive ? view.dashboard.refresh : ""),
                version.map { .attribute("data-version", $0) },
                isEditing ? .attribute("data-editing", "yes") : nil
            ) {
                head(frame)
                variables
                let layout = DashboardLayout(view.dashboard, state: view.state)
                notices(layout.notices.map(\.text))
                if let viewed {
                    single(viewed, layout)
                } else {
                    for row in layout.rows { self.row(row) }
                    if layout.rows.allSatisfy({ $0.panels.isEmpty }) { empty(frame) }
                }
                if isEditing { editor }
                if frame.isAdmin {
                    tag(.dialog, .id("share-links"), .class("drawer"), .label("Read-only links"))
                }
            }
        }
    }

    private var version: String? {
        if case .saved(let version) = view.file.origin { return String(version) }
        return nil
    }

    // MARK: The head

    private func head(_ frame: Frame) -> Markup {
        group {
            tag(.div, .class("title")) {
                tag(.div) {
                    tag(.p, .class("crumbs")) {
                        tag(.a, .href(Link("/dashboards"))) { "Dashboards" }
                        if viewed != nil {
                            " / "
                            tag(.a, .href(view.link())) { view.dashboard.title }
                        }
                    }
                    tag(.h1) { view.dashboard.title }
                }
                tag(.div, .class("ranges")) {
                    rangeBar(view.range, frame) { view.link(range: $0) }
                    actions(frame)
                }
            }
            rangeForm(view.base, view.variables)
            if !view.dashboard.links.isEmpty { links }
        }
    }

    private func actions(_ frame: Frame) -> Markup {
        group {
            tag(.label, .class("refresh")) {
                tag(.span, .class("visually-hidden")) { "Refresh" }
                tag(.select, .flag("data-refresh-choice")) {
                    for (value, words) in [
                        ("", "Refresh: off"), ("5s", "5 s"), ("10s", "10 s"), ("30s", "30 s"),
                        ("1m", "1 min"), ("5m", "5 min"),
                    ] {
                        tag(
                            .option, .value(value),
                            .flag("selected", when: value == view.dashboard.refresh)
                        ) { words }
                    }
                }
            }
            tag(.details, .class("menu")) {
                tag(.summary) { "More" }
                tag(.div, .class("menu-list")) {
                    if frame.isAdmin, view.file.isEditable {
                        tag(.a, .href(view.link(extra: [("edit", isEditing ? nil : "1")]))) {
                            isEditing ? "Leave editing" : "Edit"
                        }
                    }
                    tag(.a, .href(view.link(extra: [("kiosk", isKiosk ? nil : "1")]))) {
                        isKiosk ? "Leave kiosk" : "Kiosk"
                    }
                    tag(.button, .type("button"), .flag("data-full-screen")) { "Full screen" }
                    tag(
                        .a,
                        .href(Link("/api/v1/dashboards", segment: view.file.uid)),
                        .attribute("download", view.file.uid + ".json")
                    ) { "Export JSON" }
                    if frame.isAdmin {
                        tag(.button, .type("button"), .flag("data-shares")) {
                            "Read-only links"
                        }
                        if case .saved = view.file.origin {
                            tag(.button, .type("button"), .flag("data-delete-dashboard")) {
                                "Delete"
                            }
                        }
                    }
                }
            }
        }
    }

    private var links: Markup {
        tag(.p, .class("links")) {
            for link in view.dashboard.links {
                switch link.kind {
                case .address(let text):
                    let address = Interpolator(scope: view.state.scope, policy: .text).text(text)
                    if let outer = OuterLink(address) {
                        tag(.a, .class("button quiet"), .href(outer), rel) { link.title }
                    } else if let local = LocalPath(address) {
                        tag(.a, .class("button quiet"), .href(Link(local: local))) { link.title }
                    }
                case .dashboards(let tags):
                    for other in others
                    where other.uid != view.file.uid
                        && (tags.isEmpty || !Set(tags).isDisjoint(with: other.tags))
                    {
                        tag(.a, .class("button quiet"), .href(Link("/d", segment: other.uid))) {
                            other.title
                        }
                    }
                }
            }
        }
    }

    private var rel: Attribute { .attribute("rel", "noopener noreferrer") }

    // MARK: Variables

    private var variables: Markup {
        let shown = view.state.variables.filter { $0.variable.hiding != .all }
        guard !shown.isEmpty else { return .empty }
        return tag(
            .form, .class("filters variables"), .attribute("method", "get"), .action(view.base),
            .flag("data-variables")
        ) {
            hiddenFields(
                view.range.query.map { (String(describing: $0.name), $0.value) } + [
                    ("viewPanel", viewed), ("kiosk", isKiosk ? "1" : nil),
                    ("edit", isEditing ? "1" : nil),
                ])
            for resolved in shown { variable(resolved) }
            tag(.button, .type("submit"), .class("quiet")) { "Apply" }
        }
    }

    private func variable(_ resolved: ResolvedVariable) -> Markup {
        let variable = resolved.variable
        let name = "var-" + variable.name
        let words = variable.label.isEmpty ? variable.name : variable.label
        return tag(
            .label, .class("field"),
            variable.description.isEmpty ? nil : .title(variable.description)
        ) {
            tag(.span) {
                cut(words, 60)
                if let notice = resolved.notice {
                    " "
                    tag(.span, .class("badge warn"), .title(notice)) { "!" }
                }
            }
            switch variable.kind {
            case .textBox:
                tag(.input, .name(name), .value(resolved.selected.first?.value ?? ""))
            case .constant:
                tag(
                    .input, .name(name), .value(resolved.selected.first?.value ?? ""),
                    .flag("readonly"))
            case .adHoc:
                tag(
                    .input, .name(name), .value(resolved.filters.first?.address ?? ""),
                    .attribute("placeholder", "label|=|value"))
            default: choice(resolved, name)
            }
        }
    }

    private func choice(_ resolved: ResolvedVariable, _ name: String) -> Markup {
        let variable = resolved.variable
        let chosen = Set(resolved.selected.map(\.value))
        let options = resolved.options.prefix(Limits.labelValuesMax)
        let missing = resolved.selected.filter { choice in
            !options.contains { $0.value == choice.value }
        }
        return tag(
            .select, .name(name), .flag("multiple", when: variable.isMulti),
            variable.isMulti ? .attribute("size", "1") : nil
        ) {
            if variable.includesAll {
                tag(
                    .option, .value(Variable.all), .flag("selected", when: resolved.isAll)
                ) { "All" }
            }
            for option in Array(options) + missing {
                tag(
                    .option, .value(option.value),
                    .flag("selected", when: !resolved.isAll && chosen.contains(option.value))
                ) { cut(option.text, 120) }
            }
        }
    }

    // MARK: Panels

    private func row(_ row: DashboardLayout.Row) -> Markup {
        let panels = tag(.div, .class("panels")) {
            for panel in row.panels { frame(panel) }
        }
        guard let heading = row.heading else { return panels }
        return tag(
            .details, .class("panel-row"), .flag("open", when: !heading.isCollapsed)
        ) {
            tag(.summary) {
                tag(.h2) { heading.title.isEmpty ? "Row" : heading.title }
                tag(.span, .class("faint")) { "\(row.panels.count) panels" }
            }
            panels
        }
    }

    private func single(_ key: String, _ layout: DashboardLayout) -> Markup {
        let panel = layout.rows.flatMap(\.panels).first { $0.key == key }
        return tag(.div, .class("panels single")) {
            if let panel {
                frame(panel, isSingle: true)
            } else {
                tag(.p, .class("notice")) { "This dashboard has no panel \(cut(key, 60))." }
            }
        }
    }

    /// The frame of a panel with its place in the grid; its content comes when it is seen.
    private func frame(_ placed: DashboardLayout.Panel, isSingle: Bool = false) -> Markup {
        let panel = placed.panel
        let position = panel.position
        let place =
            isSingle
            ? "" : " x\(position.x) w\(position.width)c y\(position.y) h\(position.height)"
        let title = Interpolator(scope: placed.scope, policy: .text).text(panel.title)
        return tag(
            .section,
            .class("panel\(panel.isTransparent ? " transparent" : "")\(place)"),
            .label(title.isEmpty ? "Panel" : title),
            .attribute("data-panel", String(panel.id))
        ) {
            tag(.header) {
                tag(.h3) { title }
                if !panel.description.isEmpty {
                    tag(
                        .span, .class("about"), .attribute("tabindex", "0"),
                        .attribute("role", "note"),
                        .label(panel.description), .title(panel.description)
                    ) { "i" }
                }
                tag(
                    .a, .class("enlarge"),
                    .href(view.link(extra: [("viewPanel", isSingle ? nil : placed.key)])),
                    .label(isSingle ? "Back to the dashboard" : "Enlarge \(title)")
                ) { isSingle ? "Back" : "⤢" }
            }
            tag(
                .div, .class("panel-body"),
                .attribute("hx-get", view.panelLink(placed.key, isWide: isSingle).text),
                .attribute("hx-trigger", "intersect once, perch-refresh"),
                .attribute("hx-swap", "innerHTML"), .attribute("aria-live", "off")
            ) {
                tag(.div, .class("skeleton"))
            }
        }
    }

    private func empty(_ frame: Frame) -> Markup {
        tag(.section, .class("empty")) {
            tag(.h2) { "No panels yet" }
            if frame.isAdmin, view.file.isEditable, !isEditing {
                tag(.a, .class("button primary"), .href(view.link(extra: [("edit", "1")]))) {
                    "Edit"
                }
            }
        }
    }

    /// The tools of editing; a script fills them.
    private var editor: Markup {
        group {
            tag(.div, .class("edit-bar"), .attribute("role", "toolbar"), .label("Editing")) {
                tag(.button, .type("button"), .flag("data-add-panel")) { "Add a panel" }
                tag(.button, .type("button"), .flag("data-edit-json")) { "JSON" }
                tag(.span, .class("faint"), .attribute("data-edit-state", "")) {
                    "Drag a panel by its title; resize it at its corner. Arrow keys move the "
                    "focused one, with Shift they resize it."
                }
                tag(.button, .type("button"), .class("primary"), .flag("data-save-dashboard")) {
                    "Save"
                }
            }
            tag(.dialog, .id("panel-editor"), .class("drawer"), .label("Edit panel"))
        }
    }
}

/// All dashboards.
package struct DashboardsPage: Sendable {
    var entries: [DashboardEntry]

    package init(entries: [DashboardEntry]) {
        self.entries = entries
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Dashboards", .dashboards) {
            tag(.div, .class("title")) {
                tag(.h1) { "Dashboards" }
                if frame.isAdmin {
                    tag(.div, .class("links")) {
                        tag(.button, .type("button"), .flag("data-new-dashboard")) {
                            "New dashboard"
                        }
                        tag(.label, .class("button")) {
                            "Import JSON"
                            tag(
                                .input, .type("file"), .class("visually-hidden"),
                                .attribute("accept", "application/json,.json"),
                                .flag("data-import-dashboard"), .flag("multiple"))
                        }
                    }
                }
            }
            tag(.label, .class("search narrower")) {
                tag(.span, .class("visually-hidden")) { "Filter dashboards" }
                tag(
                    .input, .type("search"), .id("search"),
                    .attribute("data-filter", ".dashboards"),
                    .attribute("placeholder", "Filter by name or tag"),
                    .attribute("autocomplete", "off"))
                tag(.kbd, .hidden) { "/" }
            }
            tag(.table, .class("dashboards cards")) {
                tag(.caption, .class("visually-hidden")) { "Dashboards" }
                tag(.thead) {
                    tag(.tr) {
                        for words in ["Dashboard", "Tags", "Panels", "From"] {
                            tag(.th, .attribute("scope", "col")) { words }
                        }
                    }
                }
                tag(.tbody) { for entry in entries { row(entry) } }
            }
        }
    }

    private func row(_ entry: DashboardEntry) -> Markup {
        tag(.tr) {
            tag(.th, .attribute("scope", "row")) {
                tag(.a, .href(Link("/d", segment: entry.uid))) { cut(entry.title, 160) }
                if !entry.description.isEmpty {
                    tag(.div, .class("small")) { cut(entry.description, 200) }
                }
                if let failure = entry.failure { tag(.div, .class("bad")) { failure } }
            }
            tag(.td, .attribute("data-label", "Tags")) {
                for name in entry.tags.prefix(12) {
                    tag(.span, .class("badge")) { cut(name, 40) }
                    " "
                }
            }
            tag(.td, .class("number"), .attribute("data-label", "Panels")) {
                Units.count(entry.panelCount)
            }
            tag(.td, .attribute("data-label", "From")) {
                switch entry.origin {
                case .builtIn: "built in"
                case .folder: "folder"
                case .saved(let version): "saved, version \(version)"
                }
            }
        }
    }
}
