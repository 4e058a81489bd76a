/// The choice of time range: links, and two fields for anything else.
func rangeBar(_ range: TimeRange, _ frame: Frame, _ link: (TimeRange) -> Link) -> Markup {
    tag(.div, .class("ranges")) {
        tag(.nav, .class("segments"), .label("Time range")) {
            for relative in TimeRange.Relative.allCases {
                tag(
                    .a, .href(link(TimeRange(relative, now: frame.nowNanos))),
                    range.relative == relative ? .attribute("aria-current", "true") : nil
                ) {
                    tag(.span, .class("long")) { relative.words }
                    tag(.span, .class("short")) { relative.rawValue }
                }
            }
        }
        tag(.details, .class("custom-range")) {
            tag(.summary, range.relative == nil ? .class("chosen") : nil) {
                if let texts = range.texts {
                    cut("\(texts.from) – \(texts.to)", 40)
                } else if range.relative == nil {
                    frame.time(range.nanos.lowerBound, style: "minute")
                    " – "
                    frame.time(range.nanos.upperBound, style: "minute")
                } else {
                    "Other range"
                }
            }
            tag(.div, .class("popover")) {
                instantField("From", "from", range.nanos.lowerBound)
                instantField("To", "to", range.nanos.upperBound)
                tag(.button, .type("submit"), .attribute("form", "range-form")) { "Show" }
            }
        }
    }
}

private func instantField(_ words: String, _ name: String, _ nanos: Int64) -> Markup {
    tag(.label) {
        tag(.span) {
            words
            " "
            tag(.span, .class("zone")) { "(UTC)" }
        }
        tag(
            .input, .type("datetime-local"), .name(name), .attribute("form", "range-form"),
            .attribute("step", "1"), .flag("data-instant"),
            .value(String(Instant(nanos: nanos).iso.prefix(19))))
    }
}

/// The form behind the fields of ``rangeBar(_:_:_:)``, with the rest of the address's state.
func rangeForm(_ action: Link, _ hidden: [(name: String, value: String?)]) -> Markup {
    tag(.form, .id("range-form"), .attribute("method", "get"), .action(action)) {
        hiddenFields(hidden)
    }
}

/// Fields of a form that carry state the reader does not edit there.
func hiddenFields(_ fields: [(name: String, value: String?)]) -> Markup {
    group {
        for (name, value) in fields {
            if let value, !value.isEmpty {
                tag(.input, .type("hidden"), .name(name), .value(value))
            }
        }
    }
}

/// A choice of one of several values; the first option is the empty one.
func choice(
    _ words: String, _ name: String, _ chosen: String?, any: String?,
    _ options: [(value: String, words: String)]
) -> Markup {
    tag(.label, .class("field")) {
        tag(.span) { words }
        tag(.select, .name(name)) {
            if let any { tag(.option, .value("")) { any } }
            for option in options {
                tag(
                    .option, .value(option.value), .flag("selected", when: option.value == chosen)
                ) { option.words }
            }
            // A value from a shared link that is not offered stays chosen and visible.
            if let chosen, !chosen.isEmpty, !options.contains(where: { $0.value == chosen }) {
                tag(.option, .value(chosen), .flag("selected")) { chosen }
            }
        }
    }
}

/// The search box.
func searchBox(_ text: String, placeholder: String) -> Markup {
    tag(.label, .class("search")) {
        tag(.span, .class("visually-hidden")) { "Search" }
        tag(
            .input, .type("search"), .name("q"), .value(text), .id("search"),
            .attribute("placeholder", placeholder), .attribute("autocomplete", "off"),
            .attribute("spellcheck", "false"), .attribute("enterkeyhint", "search"))
        tag(.kbd, .hidden) { "/" }
    }
}

/// Where a search text could not be read.
func searchMistake(_ text: String, position: Int, message: String) -> Markup {
    let characters = Array(text)
    let place = max(0, min(position, characters.count))
    let start = max(0, place - 60)
    return tag(.div, .class("mistake"), .attribute("role", "alert")) {
        tag(.p) {
            tag(.strong) { "This search cannot be read" }
            " \(message)."
        }
        tag(.code) {
            start > 0 ? "…" : ""
            String(characters[start..<place])
            tag(.mark) { place < characters.count ? String(characters[place]) : "␣" }
            String(characters.dropFirst(place + 1).prefix(60))
        }
    }
}

/// Attributes that let htmx replace `target` by the same element of the page at the form's address.
enum Fragment {
    static let target = Attribute.attribute("hx-target", "#results")
    static let select = Attribute.attribute("hx-select", "#results")
    static let swap = Attribute.attribute("hx-swap", "outerHTML")
    static let push = Attribute.attribute("hx-push-url", "true")

    static func get(_ link: Link) -> Attribute { .attribute("hx-get", link.text) }
    static func trigger(_ words: String) -> Attribute { .attribute("hx-trigger", words) }
}
