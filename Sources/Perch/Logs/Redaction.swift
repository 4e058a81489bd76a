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
    /// Whether account numbers (IBAN) with valid check digits are masked.
    public var masksAccounts = true
    /// Whether phone numbers are masked: after a `+`, or in groups of 3, 3 and 4 digits; and
    /// social security numbers, 3, 2 and 4 digits.
    public var masksPhones = true
    /// Texts that never leave (RED-4).
    ///
    /// ``Perch/bootstrap(_:configure:)`` adds what ``secrets(in:)`` finds in the environment of
    /// the process.
    public var secrets: Set<String> = [] {
        didSet { needles = Needles(secrets) }
    }
    /// Whether the values of the process's environment that are called secrets are added to
    /// ``secrets`` at the start.
    public var masksEnvironment = true
    /// When not nil, what is taken away leaves a hash by this key, by which lines about the same
    /// person can be joined without saying who it is (RED-2, GDPR-2).
    public var hashKey: String? {
        didSet { hash = hashKey.map(KeyedHash.init) }
    }
    /// The last word on each text that leaves: nil leaves it as it is.
    ///
    /// It is called for each text of lines, spans and error reports, so it must be quick.
    public var rewrite: (@Sendable (_ text: String) -> String?)?
    private var needles = Needles([])
    private var hash: KeyedHash?

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

    /// ``isDenied(_:)`` by a table of names that were seen.
    func isDenied(_ field: String, _ known: DeniedNames) -> Bool {
        known.isDenied(field) ?? known.add(field, isDenied(field))
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
    var looksAtTexts: Bool {
        masksEmail || masksCards || masksTokens || masksAccounts || masksPhones || rewrite != nil
            || !needles.isEmpty
    }

    /// What stands in place of a value that is taken away.
    func replacement(of value: @autoclosure () -> String) -> String {
        hash.map { $0.text(of: Array(value().utf8)) } ?? Self.mask
    }

    /// The text without what must not leave, or nil when it can leave as it is.
    func masked(_ text: String) -> String? {
        let found = detected(text)
        guard let rewrite else { return found }
        return rewrite(found ?? text) ?? found
    }

    private func detected(_ text: String) -> String? {
        // Fast path: most texts have nothing that could begin what is looked for.
        let hasSecret = needles.stand(in: text.utf8.span)
        guard hasSecret || Detector.isSuspicious(text.utf8.span) else { return nil }
        var detector = Detector(text: Array(text.utf8), hash: hash)
        if hasSecret { detector.replace(needles) }
        if masksTokens { detector.maskTokens() }
        if masksEmail { detector.maskEmail() }
        if masksCards { detector.maskCards() }
        if masksAccounts { detector.maskAccounts() }
        if masksPhones { detector.maskPhones() }
        return detector.isChanged ? String(decoding: detector.bytes, as: UTF8.self) : nil
    }
}

/// Texts that are looked for in all others.
struct Needles: Sendable {
    private var texts: [[UInt8]] = []
    /// The first bytes of all texts, a bit each.
    private var first: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    private var countMin = Int.max

    /// The longest first, so that one that is a part of another does not hide it.
    init(_ texts: Set<String>) {
        for text in texts.sorted(by: { ($1.utf8.count, $0) < ($0.utf8.count, $1) }) {
            guard let byte = text.utf8.first else { continue }
            self.texts.append(Array(text.utf8))
            countMin = min(countMin, text.utf8.count)
            let bit = UInt64(1) << UInt64(byte & 63)
            switch byte >> 6 {
            case 0: first.0 |= bit
            case 1: first.1 |= bit
            case 2: first.2 |= bit
            default: first.3 |= bit
            }
        }
    }

    var isEmpty: Bool { texts.isEmpty }

    /// Whether any of them stands in a text.
    func stand(in text: Span<UInt8>) -> Bool {
        guard text.count >= countMin else { return false }
        for place in 0...(text.count - countMin) {
            if mayBegin(text[place]), count(at: place, in: text) != nil { return true }
        }
        return false
    }

    /// The bytes of the one that stands at a place.
    func count(at place: Int, in text: Span<UInt8>) -> Int? {
        for needle in texts where needle.count <= text.count - place {
            var index = 0
            while index < needle.count, needle[index] == text[place + index] { index += 1 }
            if index == needle.count { return index }
        }
        return nil
    }

    @inline(__always)
    private func mayBegin(_ byte: UInt8) -> Bool {
        let bit = UInt64(1) << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: return first.0 & bit != 0
        case 1: return first.1 & bit != 0
        case 2: return first.2 & bit != 0
        default: return first.3 & bit != 0
        }
    }
}
