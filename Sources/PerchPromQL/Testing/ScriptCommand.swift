import PerchModel
import PerchRegex

/// A command of a script.
enum ScriptCommand {
    case clear
    case load(ScriptLoad)
    case evaluate(ScriptCase)
}

/// `load 1m` and its lines.
struct ScriptLoad {
    var stepMillis: Int64
    var addsNativeHistograms: Bool
    /// Of a series named twice, the last line counts.
    var series: [ScriptSeries] = []
}

/// The points of a series.
struct ScriptSeries {
    var labels: Labels
    var points: [ScriptPoint]
    /// How long before each point its counter began, in milliseconds below 0; nil where that is not
    /// said, and empty when it is said of none.
    var startOffsets: [Int64?] = []
}

/// `eval instant at 1m QUERY` or `eval range …`, and what must come out.
struct ScriptCase {
    /// The text that an error or a remark must have.
    enum Pattern {
        case anything
        case text(String)
        case regex(Regex)

        func matches(_ text: String) -> Bool {
            switch self {
            case .anything: true
            case .text(let expected): expected == text
            case .regex(let regex): regex.matches(in: text)
            }
        }

        var description: String {
            switch self {
            case .anything: "anything"
            case .text(let text): GoText.quote(text)
            case .regex(let regex): GoText.quote(regex.pattern)
            }
        }
    }

    var query: String
    /// From 1.
    var line: Int
    var times: QueryTimes
    var failure: Pattern?
    var warnings: [Pattern] = []
    var infos: [Pattern] = []
    var hasNoWarnings = false
    var hasNoInfos = false
    var isOrdered = false
    /// Where the points of an instant query of ranges are: start, end and step.
    var vectorTimes: QueryTimes?
    var string: String?
    var scalar: Double?
    var series: [(labels: Labels, points: [ScriptPoint])] = []
}
