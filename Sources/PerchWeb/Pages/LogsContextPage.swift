/// A record among those of its service just before and after it.
package struct LogsContextPage: Sendable {
    var context: LogContext

    package init(context: LogContext) {
        self.context = context
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Before and after", .logs) {
            tag(.div, .class("title")) {
                tag(.div) {
                    tag(.p, .class("crumbs")) {
                        tag(.a, .href(Link("/logs"))) { "Logs" }
                        " / before and after"
                    }
                    tag(.h1) {
                        cut(context.service, 100)
                        " at "
                        frame.time(context.timeNanos, style: "millis")
                    }
                }
            }
            tag(.div, .id("context"), .class("log-context")) {
                tag(.p, .class("small")) {
                    "\(Units.count(context.newer.count)) records of this service after it and "
                    "\(Units.count(context.older.count)) up to it, newest first. "
                    for count in [20, 50, Limits.logContextMax] where count != context.count {
                        tag(.a, .href(link(count))) { "\(count) on each side" }
                        " "
                    }
                }
                tag(.div, .class("logs")) {
                    for row in context.newer { LogRowView(row: row, state: nil).html(frame) }
                    for row in context.older {
                        LogRowView(
                            row: row, state: nil, isMarked: row.timeNanos == context.timeNanos
                        ).html(frame)
                    }
                    if context.newer.isEmpty, context.older.isEmpty {
                        tag(.p, .class("end")) { "No record of this service lies there." }
                    }
                }
            }
        }
    }

    private func link(_ count: Int) -> Link {
        Link(
            "/logs/context",
            query: [
                ("service", context.service), ("time", String(context.timeNanos)),
                ("n", String(count)),
            ])
    }
}
