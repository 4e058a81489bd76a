import Foundation
import PerchWeb
import Testing

/// Compares a page with the recorded one beside the tests.
enum Golden {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Golden")

    static func check(
        _ markup: Markup, _ name: String, _ location: SourceLocation = #_sourceLocation
    ) throws {
        // A change of our stylesheet changes its version, and is no change of the page.
        let html = markup.html.replacing(/\?v=[0-9a-f]{16}/, with: "?v=VERSION")
        let file = folder.appendingPathComponent(name + ".html")
        if ProcessInfo.processInfo.environment["PERCH_RECORD"] == "1" {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true)
            try html.write(to: file, atomically: true, encoding: .utf8)
        }
        let recorded = try String(contentsOf: file, encoding: .utf8)
        guard recorded != html else { return }
        let old = recorded.split(separator: "\n", omittingEmptySubsequences: false)
        let new = html.split(separator: "\n", omittingEmptySubsequences: false)
        let line = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        let place = line ?? min(old.count, new.count)
        let was = place < old.count ? String(old[place].prefix(300)) : "(end)"
        let now = place < new.count ? String(new[place].prefix(300)) : "(end)"
        Issue.record(
            "\(name).html differs at line \(place + 1)\n  recorded: \(was)\n  now:      \(now)",
            sourceLocation: location)
    }
}
