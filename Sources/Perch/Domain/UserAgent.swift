/// Who asks, out of the header `User-Agent`, in a few words (SEG-1, SEG-2).
///
/// Source: what browsers send in 2026; Chromium reduced its text, so versions are left out.
public struct UserAgent: Sendable, Hashable {
    /// What it runs on.
    public enum Device: String, Sendable {
        case desktop
        case mobile
        case tablet
        case bot
        case other
    }

    /// `chrome`, `safari`, `firefox`, `edge`, `opera`, `samsung`, `bot`, `library` or `other`.
    public var browser: String
    /// `windows`, `macos`, `linux`, `android`, `ios`, `chromeos` or `other`.
    public var system: String
    /// What it runs on.
    public var device: Device

    /// Reads the header; any text gives an answer.
    public init(_ text: String?) {
        let text = (text ?? "").prefix(512).lowercased()
        let has = { (words: [String]) in words.contains { text.contains($0) } }
        let isBot = has(["bot", "spider", "crawl", "slurp", "headless"])
        browser = Self.browser(has, isBot: isBot)
        system = Self.system(has)
        device = Self.device(has, system: system, isBot: isBot, browser: browser)
    }

    /// The first that matches counts: later ones stand in the texts of earlier ones.
    private static func browser(_ has: ([String]) -> Bool, isBot: Bool) -> String {
        if isBot { return "bot" }
        if has(["edg/", "edga/", "edgios/"]) { return "edge" }
        if has(["opr/", "opera"]) { return "opera" }
        if has(["samsungbrowser"]) { return "samsung" }
        if has(["firefox/", "fxios/"]) { return "firefox" }
        if has(["chrome/", "crios/", "chromium/"]) { return "chrome" }
        if has(["safari/"]) { return "safari" }
        if has(["curl/", "wget/", "python", "okhttp", "axios", "go-http", "node", "java/"]) {
            return "library"
        }
        return "other"
    }

    private static func system(_ has: ([String]) -> Bool) -> String {
        if has(["iphone", "ipad", "ipod"]) { return "ios" }
        if has(["android"]) { return "android" }
        if has(["windows"]) { return "windows" }
        if has(["cros "]) { return "chromeos" }
        if has(["mac os x", "macintosh"]) { return "macos" }
        if has(["linux", "x11"]) { return "linux" }
        return "other"
    }

    private static func device(
        _ has: ([String]) -> Bool, system: String, isBot: Bool, browser: String
    ) -> Device {
        if isBot { return .bot }
        if has(["ipad", "tablet"]) { return .tablet }
        if has(["mobi", "iphone", "ipod"]) { return .mobile }
        // Android without "mobile" is a tablet.
        if system == "android" { return .tablet }
        if browser == "library" || system == "other" { return .other }
        return .desktop
    }
}
