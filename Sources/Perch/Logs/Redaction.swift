/// Keeps secrets and personal data out of everything that leaves the process (RED-1…RED-8).
public struct Redaction: Sendable {
    /// What stands where something was taken away.
    public static let mask = "[redacted]"

    /// Fields whose values never leave, in any letter case, with `_`, `-` and `.` alike (RED-3).
    public var deniedFields: Set<String> = [
        "password", "passwd", "secret", "token", "access_token", "refresh_token", "api_key",
        "apikey", "authorization", "cookie", "set_cookie", "credit_card", "card_number", "cvv",
        "ssn", "private_key", "anon_id",
    ]
    /// When not nil, only these fields keep their values (RED-1).
    public var allowedFields: Set<String>?
    /// Whether e-mail addresses are masked in all texts (RED-8).
    public var masksEmail = true
    /// Whether numbers with a valid check digit of payment cards are masked.
    public var masksCards = true
    /// Whether `Bearer …`, `Basic …` and keys with well-known beginnings are masked.
    public var masksTokens = true
    /// Texts that never leave, such as values of the process's environment (RED-4).
    public var secrets: Set<String> = []

    /// Makes the defaults.
    public init() {}

    /// Secrets out of the environment: values of variables that are called like a secret.
    public static func secrets(in environment: [String: String]) -> Set<String> {
        let words = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "DSN"]
        var found: Set<String> = []
        for (name, value) in environment where value.utf8.count >= 8 {
            let upper = name.uppercased()
            if words.contains(where: upper.contains) { found.insert(value) }
        }
        return found
    }

    /// Whether the value of a field is taken away whatever it is.
    func isDenied(_ field: String) -> Bool {
        // Fast path: most names are written as they are compared.
        let isNormal = field.utf8.allSatisfy { $0 != 0x2d && $0 != 0x2e && !(0x41...0x5a ~= $0) }
        if deniedFields.contains(isNormal ? field : Self.normal(field)) { return true }
        if let allowedFields { return !allowedFields.contains(field) }
        return false
    }

    /// Lower case, with `_` between words.
    private static func normal(_ field: String) -> String {
        var name: [UInt8] = []
        var wasLower = false
        for byte in field.utf8 {
            switch byte {
            case 0x41...0x5a:
                if wasLower { name.append(0x5f) }
                name.append(byte | 0x20)
                wasLower = false
            case 0x2d, 0x2e:
                name.append(0x5f)
                wasLower = false
            default:
                name.append(byte)
                wasLower = byte != 0x5f
            }
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// Whether any text has to be looked at.
    var looksAtTexts: Bool { masksEmail || masksCards || masksTokens || !secrets.isEmpty }

    /// The text without what must not leave, or nil when it can leave as it is.
    func masked(_ text: String) -> String? {
        // Fast path: most texts have nothing that could begin what is looked for.
        guard !secrets.isEmpty || Detector.isSuspicious(text) else { return nil }
        var bytes = Array(text.utf8)
        var isChanged = false
        for secret in secrets where text.utf8.count >= secret.utf8.count {
            isChanged = Detector.replace(Array(secret.utf8), in: &bytes) || isChanged
        }
        if masksTokens { isChanged = Detector.maskTokens(in: &bytes) || isChanged }
        if masksEmail { isChanged = Detector.maskEmail(in: &bytes) || isChanged }
        if masksCards { isChanged = Detector.maskCards(in: &bytes) || isChanged }
        return isChanged ? String(decoding: bytes, as: UTF8.self) : nil
    }
}
