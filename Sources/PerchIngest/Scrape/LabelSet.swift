package import PerchModel

/// Labels that are being changed: those of a target or of a scraped series.
///
/// Setting an empty value removes the label: absent and empty are the same.
package struct LabelSet: Sendable, Equatable {
    private var pairs: [(name: String, value: String)]

    package init(_ pairs: [(name: String, value: String)] = []) {
        self.pairs = []
        for (name, value) in pairs { self[name] = value }
    }

    package init(_ labels: Labels) {
        pairs = labels.pairs
    }

    /// The value of a label; empty when there is none.
    package subscript(name: String) -> String {
        get { pairs.first { $0.name == name }?.value ?? "" }
        set {
            if let place = pairs.firstIndex(where: { $0.name == name }) {
                if newValue.isEmpty {
                    pairs.remove(at: place)
                } else {
                    pairs[place].value = newValue
                }
            } else if !newValue.isEmpty {
                pairs.append((name, newValue))
            }
        }
    }

    package var count: Int { pairs.count }

    /// All labels, sorted by name.
    package var sorted: [(name: String, value: String)] {
        pairs.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Whether all names are those that PromQL takes without quotes.
    var hasLegacyNames: Bool {
        pairs.allSatisfy { pair in
            guard pair.name == "__name__" else {
                return Self.isLegacy(pair.name, allowsColon: false)
            }
            return Self.isLegacy(pair.value, allowsColon: true)
        }
    }

    private static func isLegacy(_ name: String, allowsColon: Bool) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            case UInt8(ascii: ":"): allowsColon
            default: false
            }
        }
    }

    package mutating func removeAll(where isRemoved: (String) -> Bool) {
        pairs.removeAll { isRemoved($0.name) }
    }

    package var labels: Labels { Labels(pairs) }

    package static func == (left: Self, right: Self) -> Bool {
        left.labels == right.labels
    }
}
