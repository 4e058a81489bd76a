/// The labels that a question looks at; what else a parser finds is passed over.
struct WantedLabels: Sendable {
    private let names: [[UInt8]]

    init(_ labels: Set<String>) {
        var names = labels
        // A parser's own value of a label of the stream has another name.
        for label in labels where label.hasSuffix(Self.suffix) {
            names.insert(String(label.dropLast(Self.suffix.count)))
        }
        self.names = names.map { Array($0.utf8) }
    }

    /// What is added to a name that the stream has.
    static let suffix = "_extracted"

    func has(_ name: [UInt8]) -> Bool { names.contains(name) }

    func has(_ name: String) -> Bool {
        names.contains { $0.count == name.utf8.count && $0.elementsEqual(name.utf8) }
    }
}
