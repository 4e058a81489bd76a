import PerchLogQL

/// The live view: a script adds what is stored from now on, from the tail of the API.
struct LogsLive {
    var state: LogsState

    var html: Markup {
        let search = state.wholeSearch
        return group {
            if search.pipes != nil {
                tag(.p, .class("notice"), .attribute("role", "note")) {
                    "The live view shows records as they come; what stands behind the bar is left "
                    "out here."
                }
            }
            tag(
                .section, .class("card log-live"),
                .attribute(
                    "data-tail",
                    Link("/api/v1/tail", query: [("query", search.terms)]).text),
                .label("Live records")
            ) {
                tag(.div, .class("log-live-bar")) {
                    tag(.span, .class("log-live-state"), .attribute("role", "status")) {
                        "Scripts are needed to follow records as they come."
                    }
                    tag(.span, .class("log-live-lost"), .attribute("role", "status"))
                    tag(
                        .button, .type("button"), .class("quiet"), .flag("data-tail-pause"),
                        .attribute("aria-pressed", "false"), .flag("disabled")
                    ) { "Pause" }
                    tag(
                        .button, .type("button"), .class("quiet"), .flag("data-tail-clear"),
                        .flag("disabled")
                    ) { "Clear" }
                }
                tag(
                    .div, .class("logs"), .attribute("role", "log"),
                    .attribute("aria-live", "off"), .label("Records, newest first"),
                    .attribute("tabindex", "0"))
            }
            tag(.p, .class("faint small")) {
                "The newest \(Limits.liveRowsMax) records stay; older ones are on the page Records."
            }
        }
    }
}
