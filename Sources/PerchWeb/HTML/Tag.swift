/// The elements that pages use.
///
/// There is none for inline scripts and styles.
package struct Tag: Sendable, Hashable {
    let name: String
    /// Without content and end tag.
    let isVoid: Bool
    /// Ends a line of the source, so that golden pages can be read and compared.
    let breaks: Bool

    private init(_ name: String, isVoid: Bool = false, breaks: Bool = false) {
        self.name = name
        self.isVoid = isVoid
        self.breaks = breaks
    }

    static let html = Tag("html")
    static let head = Tag("head", breaks: true)
    static let body = Tag("body", breaks: true)
    static let title = Tag("title", breaks: true)
    static let meta = Tag("meta", isVoid: true)
    static let link = Tag("link", isVoid: true)
    /// Always with `src`: an inline script would be refused by the browser.
    static let script = Tag("script", breaks: true)
    static let header = Tag("header", breaks: true)
    static let nav = Tag("nav", breaks: true)
    static let main = Tag("main", breaks: true)
    static let footer = Tag("footer", breaks: true)
    static let section = Tag("section", breaks: true)
    static let aside = Tag("aside", breaks: true)
    static let div = Tag("div", breaks: true)
    static let p = Tag("p", breaks: true)
    static let article = Tag("article", breaks: true)
    static let h1 = Tag("h1", breaks: true)
    static let h2 = Tag("h2", breaks: true)
    static let h3 = Tag("h3", breaks: true)
    static let ul = Tag("ul", breaks: true)
    static let ol = Tag("ol", breaks: true)
    static let li = Tag("li", breaks: true)
    static let dl = Tag("dl", breaks: true)
    static let dt = Tag("dt")
    static let dd = Tag("dd", breaks: true)
    static let pre = Tag("pre", breaks: true)
    static let code = Tag("code")
    static let strong = Tag("strong")
    static let span = Tag("span")
    static let small = Tag("small")
    static let mark = Tag("mark")
    static let a = Tag("a")
    static let time = Tag("time")
    static let details = Tag("details", breaks: true)
    static let summary = Tag("summary", breaks: true)
    static let table = Tag("table", breaks: true)
    static let caption = Tag("caption", breaks: true)
    static let thead = Tag("thead", breaks: true)
    static let tbody = Tag("tbody", breaks: true)
    static let tr = Tag("tr", breaks: true)
    static let th = Tag("th")
    static let td = Tag("td")
    static let form = Tag("form", breaks: true)
    static let label = Tag("label")
    static let input = Tag("input", isVoid: true)
    static let select = Tag("select", breaks: true)
    static let option = Tag("option")
    static let datalist = Tag("datalist", breaks: true)
    static let button = Tag("button")
    static let textarea = Tag("textarea", breaks: true)
    static let dialog = Tag("dialog", breaks: true)
    static let fieldset = Tag("fieldset", breaks: true)
    static let legend = Tag("legend")
    static let optgroup = Tag("optgroup", breaks: true)
    static let noscript = Tag("noscript", breaks: true)
    static let hr = Tag("hr", isVoid: true)
    static let br = Tag("br", isVoid: true)
    /// Text of others within a sentence of ours, whose order it must not turn.
    static let bdi = Tag("bdi")
    static let wbr = Tag("wbr", isVoid: true)
    static let i = Tag("i")
    static let b = Tag("b")
    static let em = Tag("em")
    static let del = Tag("del")
    static let blockquote = Tag("blockquote", breaks: true)
    static let h4 = Tag("h4", breaks: true)
    static let h5 = Tag("h5", breaks: true)
    static let h6 = Tag("h6", breaks: true)
    static let tfoot = Tag("tfoot", breaks: true)
    static let kbd = Tag("kbd")
    static let svg = Tag("svg", breaks: true)
    static let rect = Tag("rect")
    static let path = Tag("path")
    static let polyline = Tag("polyline")
    static let circle = Tag("circle")
    static let line = Tag("line")
    static let text = Tag("text")
    static let g = Tag("g")
}

/// An attribute.
///
/// Names are known at compile time; values are escaped when written.
package struct Attribute: Sendable, Hashable {
    let name: String
    let value: String?

    private init(checked name: String, _ value: String?) {
        // Both would be refused by the browser under our policy, silently for the reader.
        precondition(name != "style" && !name.hasPrefix("on"), "attribute \(name) is not allowed")
        self.name = name
        self.value = value
    }

    /// Any attribute that takes no address.
    static func attribute(_ name: StaticString, _ value: String) -> Attribute {
        Attribute(checked: String(describing: name), value)
    }

    /// An attribute without a value, or nil.
    static func flag(_ name: StaticString, when condition: Bool = true) -> Attribute? {
        condition ? Attribute(checked: String(describing: name), nil) : nil
    }

    static func `class`(_ value: String) -> Attribute { attribute("class", value) }
    static func id(_ value: String) -> Attribute { attribute("id", value) }
    static func type(_ value: String) -> Attribute { attribute("type", value) }
    static func name(_ value: String) -> Attribute { attribute("name", value) }
    static func value(_ value: String) -> Attribute { attribute("value", value) }
    static func href(_ link: Link) -> Attribute { attribute("href", link.text) }
    /// An address with the id of an element there, encoded as ``Link`` does.
    static func href(_ link: Link, to id: String) -> Attribute {
        attribute("href", link.text + "#" + id)
    }
    static func src(_ link: Link) -> Attribute { attribute("src", link.text) }
    static func action(_ link: Link) -> Attribute { attribute("action", link.text) }
    static func title(_ value: String) -> Attribute { attribute("title", value) }
    static func label(_ value: String) -> Attribute { attribute("aria-label", value) }
    /// For pictures that repeat what stands beside them in words.
    static var hidden: Attribute { attribute("aria-hidden", "true") }
}
