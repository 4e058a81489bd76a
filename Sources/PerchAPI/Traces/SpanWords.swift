import PerchModel

/// The words for OTLP's numbers.
enum SpanWords {
    /// Of SpanKind, from 1 on.
    private static let kinds = ["internal", "server", "client", "producer", "consumer"]

    /// The word for a kind; nil for "unspecified" and for numbers that OTLP does not have.
    static func kind(_ number: Int64?) -> String? {
        guard let number, (1...5).contains(number) else { return nil }
        return kinds[Int(number) - 1]
    }

    /// The number of a kind by its word in any letter case.
    static func kind(named word: String) -> Int64? {
        kinds.firstIndex(of: word.lowercased()).map { Int64($0) + 1 }
    }

    /// The number of a status by its word in any letter case.
    static func status(named word: String) -> Int64? {
        ["unset", "ok", "error"].firstIndex(of: word.lowercased()).map { Int64($0) }
    }

    static func status(_ number: Int64?) -> String {
        switch number {
        case 1: "ok"
        case 2: "error"
        default: "unset"
        }
    }
}
