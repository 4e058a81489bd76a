package import PerchDashboards

/// What stands inside a panel.
package struct PanelView: Sendable {
    var content: PanelContent
    var range: TimeRange

    package init(content: PanelContent, range: TimeRange) {
        self.content = content
        self.range = range
    }

    package func html(_ frame: Frame) -> Markup {
        group { notices(content.notices.map(\.text)) }
    }
}
