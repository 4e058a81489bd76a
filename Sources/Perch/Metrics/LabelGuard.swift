/// Keeps ids and raw paths out of labels (CAR-1, CAR-4).
///
/// Each of them would be a series of its own, which a metrics store pays for as long as it keeps
/// data.
enum LabelGuard {
    /// What stands in the place of a refused value.
    static let refused = "refused"

    /// Whether a value looks like an id, or is a path with one in it or with a query.
    static func isRefused(_ value: String) -> Bool {
        let bytes = value.utf8
        if bytes.first == UInt8(ascii: "/") {
            guard !bytes.contains(UInt8(ascii: "?")) else { return true }
            return bytes.split(separator: UInt8(ascii: "/")).contains(where: isID)
        }
        return isID(bytes)
    }

    /// A UUID, at least 6 digits, or at least 16 hex digits of which one is a digit.
    private static func isID(_ bytes: some Collection<UInt8>) -> Bool {
        var digits = 0
        var letters = 0
        var dashes = 0
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
                letters += 1
            case UInt8(ascii: "-"): dashes += 1
            default: return false
            }
        }
        if dashes == 4 { return digits + letters == 32 }
        guard dashes == 0 else { return false }
        return letters == 0 ? digits >= 6 : digits > 0 && digits + letters >= 16
    }
}
