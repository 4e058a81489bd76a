package import PerchModel

/// Why bytes are no dashboard.
package enum DashboardFailure: Error, Sendable, Equatable, CustomStringConvertible {
    case tooLarge(byteCount: Int)
    case notJSON(JSONValue.Failure)
    /// JSON, but no object or one without a panel, a row and a title.
    case notADashboard
    case tooManyPanels(count: Int)

    package var description: String {
        switch self {
        case .tooLarge(let count):
            "a dashboard of \(count) bytes; at most \(Limits.dashboardByteCountMax)"
        case .notJSON(let failure):
            switch failure.reason {
            case .notJSON: "not JSON: byte \(failure.atByte) is not what may stand there"
            case .nestedTooDeep:
                "nested deeper than \(JSONValue.depthMax) at byte \(failure.atByte)"
            case .moreAfterTheValue: "more text after the dashboard, at byte \(failure.atByte)"
            }
        case .notADashboard: "JSON, but no dashboard: it has neither a title nor panels"
        case .tooManyPanels(let count):
            "a dashboard of \(count) panels; at most \(Limits.panelsMax)"
        }
    }
}
