/// Reads `grpc-timeout`: at most eight digits and a unit.
///
/// Source: grpc/grpc, doc/PROTOCOL-HTTP2.md, "Requests".
enum GRPCTimeout {
    /// Nil for none, and for one that does not read, which is as good as none.
    static func read(_ text: String?) -> Duration? {
        guard let text, let unit = text.last, (2...9).contains(text.utf8.count),
            text.dropLast().allSatisfy({ $0.isASCII && $0.isNumber }),
            let value = Int64(text.dropLast())
        else { return nil }
        switch unit {
        case "H": return .seconds(value * 3_600)
        case "M": return .seconds(value * 60)
        case "S": return .seconds(value)
        case "m": return .milliseconds(value)
        case "u": return .microseconds(value)
        case "n": return .nanoseconds(value)
        default: return nil
        }
    }
}
