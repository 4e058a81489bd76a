package import PerchModel

/// What files have in a place, read with patience: a number as text is a number, null is nothing.
extension JSONValue {
    /// The value of a name; the last one where a name stands twice, as browsers read it.
    ///
    /// Null counts as missing.
    package func at(_ name: String) -> JSONValue? {
        guard case .object(let members) = self,
            let value = members.last(where: { $0.name == name })?.value, value != .null
        else { return nil }
        return value
    }

    /// The value at the end of a path of names.
    package func at(_ first: String, _ rest: String...) -> JSONValue? {
        rest.reduce(at(first)) { $0?.at($1) }
    }

    /// Text, a number or a truth value as text.
    package var scalarText: String? {
        switch self {
        case .string(let text): text
        case .number(let digits): digits
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// Text that is not empty.
    package var nonEmptyText: String? {
        guard let text = scalarText, !text.isEmpty else { return nil }
        return text
    }

    /// A finite number, also where it was written as text.
    package var double: Double? {
        switch self {
        case .number(let digits): Double(digits).flatMap { $0.isFinite ? $0 : nil }
        case .string(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
        default: nil
        }
    }

    /// A whole number within ±2^53.
    package var integer: Int? {
        guard let double, double.magnitude <= 9_007_199_254_740_992 else { return nil }
        return Int(double)
    }

    package var flag: Bool? {
        switch self {
        case .bool(let value): value
        case .string("true"): true
        case .string("false"): false
        default: nil
        }
    }

    /// The items of a list; nothing for anything else.
    package var items: [JSONValue] {
        guard case .array(let items) = self else { return [] }
        return items
    }

    /// The members of an object; nothing for anything else.
    package var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    /// The texts of a list; a single text counts as a list of one.
    package var texts: [String] {
        if case .array(let items) = self { return items.compactMap(\.scalarText) }
        return nonEmptyText.map { [$0] } ?? []
    }
}

extension JSONValue? {
    /// The names of calculations, each once, and not more than there is room for.
    var calculations: [String] {
        var seen: Set<String> = []
        return Array(texts.filter { seen.insert($0).inserted }.prefix(Limits.calculationsMax))
    }

    package var items: [JSONValue] { self?.items ?? [] }
    package var members: [JSONValue.Member] { self?.members ?? [] }
    package var texts: [String] { self?.texts ?? [] }
    package var isTrue: Bool { self?.flag ?? false }
}
