import PerchLogQL

/// The fields of the rows with their most frequent values: a value narrows the search, the minus
/// leaves it out, and a field can stand as a column.
struct LogsSidebar {
    var fields: LogFields
    var state: LogsState

    var html: Markup {
        tag(.aside, .class("log-fields card"), .label("Fields")) {
            tag(.h2) {
                "Fields "
                tag(.small) { "in \(Units.count(fields.rowCount)) records" }
            }
            for field in fields.fields { self.field(field) }
            if fields.hasMore {
                tag(.p, .class("faint small")) {
                    "Only the \(Limits.fieldsShownMax) fields that most records have are listed."
                }
            }
        }
    }

    /// Level and service are always there; the others open.
    private func field(_ field: LogField) -> Markup {
        let isFirst = ["level", "service"].contains(field.name)
        return group {
            if isFirst {
                tag(.section, .class("log-field")) {
                    tag(.h3) { field.name }
                    values(field)
                }
            } else {
                tag(.details, .class("log-field")) {
                    tag(.summary) {
                        tag(.span, .class("name"), .title(cut(field.name))) { cut(field.name, 80) }
                        tag(.span, .class("faint")) { share(field.count) }
                    }
                    values(field)
                    columnLink(field.name)
                }
            }
        }
    }

    private func share(_ count: Int) -> String {
        guard fields.rowCount > 0 else { return "" }
        let share = Double(count) / Double(fields.rowCount)
        return share >= 0.995 ? "all" : Units.share((share * 100).rounded(.up) / 100)
    }

    private func values(_ field: LogField) -> Markup {
        group {
            if field.isUnique {
                tag(.p, .class("faint small")) { "Nearly every record has another value." }
            } else {
                tag(.ul, .class("log-values")) {
                    for value in field.values { self.value(field, value) }
                }
                if field.hasMore {
                    tag(.p, .class("small")) {
                        tag(
                            .a,
                            .href(
                                state.with {
                                    $0.view = .rows
                                    $0.search = Self.top(field.name, $0.search)
                                }.link)
                        ) { "All values" }
                    }
                }
            }
        }
    }

    private static func top(_ name: String, _ search: String) -> String {
        let terms = LogSearchText(search).terms
        return (terms.isEmpty ? "" : terms + " ") + "| top 100 " + SearchText.name(name)
    }

    private func value(_ field: LogField, _ value: LogField.Value) -> Markup {
        let term = SearchText.term(field.name, value.text)
        let words = value.text.isEmpty ? "(empty)" : cut(value.text, 60)
        return tag(.li) {
            tag(
                .a, .class("log-value"), .href(state.adding(term).link), .title(term)
            ) {
                if field.name == "level" {
                    tag(.span, .class("level l-\(value.text)")) { words }
                } else {
                    tag(.span, .class("text")) { words }
                }
                tag(.span, .class("number")) { Units.number(Double(value.count)) }
                tag(
                    .svg, .class("log-share"), .attribute("viewBox", "0 0 100 2"),
                    .attribute("preserveAspectRatio", "none"), .hidden
                ) {
                    tag(
                        .rect, .attribute("height", "2"),
                        .attribute(
                            "width",
                            Units.fixed(
                                Double(value.count) / Double(max(1, field.count)) * 100, 1)))
                }
            }
            tag(
                .a, .class("log-out"), .href(state.adding("-" + term).link),
                .label("Leave out \(field.name) \(words)"), .title("Leave these out")
            ) { "−" }
        }
    }

    private func columnLink(_ name: String) -> Markup {
        let isColumn = state.columns.contains(name)
        guard isColumn || state.columns.count < Limits.logColumnsMax else { return .empty }
        return tag(.p, .class("small")) {
            tag(.a, .href(state.toggling(column: name).link)) {
                isColumn ? "Remove the column" : "Show as column"
            }
        }
    }
}
