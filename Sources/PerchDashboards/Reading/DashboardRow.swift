/// A heading with the panels under it; the panels above the first heading have none.
package struct DashboardRow: Sendable, Hashable {
    package struct Heading: Sendable, Hashable {
        package var id: Int
        package var title: String
        package var isCollapsed: Bool
        package var repetition: Panel.Repetition?
    }

    package var heading: Heading?
    package var panels: [Panel]
}
