public import Logging

/// One kind of thing that happens in a domain: what is counted of it, and what its event tells.
///
/// Rows of these make the convention that `docs/conventions.md` writes down. A metric has only the
/// labels that stand here; ids are fields of the event alone (CAR-1).
public struct DomainEvent: Sendable, Hashable {
    /// A metric that an event feeds.
    public struct Metric: Sendable, Hashable {
        /// What becomes of the value.
        public enum Kind: String, Sendable {
            /// Counts events, or adds up the value.
            case counter
            /// Keeps the last value.
            case gauge
            /// Counts values by bucket.
            case histogram
        }

        /// As it is exposed, without `_total`.
        public var name: String
        /// What becomes of the value.
        public var kind: Kind
        /// `seconds`, `bytes`, `ratio`, or empty for a plain number.
        public var unit: String
        /// Fields that become labels.
        public var labels: [String]
        /// The field with the value; nil counts events.
        ///
        /// Without the field nothing is measured.
        public var value: String?

        init(
            _ kind: Kind, _ name: String, _ labels: [String] = [], of value: String? = nil,
            unit: String = ""
        ) {
            self.kind = kind
            self.name = name
            self.labels = labels
            self.value = value
            self.unit = unit
        }
    }

    /// What the event is called, such as `payment`.
    public var name: String
    /// What it feeds.
    public var metrics: [Metric]
    /// Fields of the event besides labels and values: ids and texts.
    public var fields: [String]
    /// How important its line is; nil for what happens too often for lines.
    public var level: Logger.Level?
    /// Whether its line always stays, whatever is sampled (SEC-3).
    public var isSecurity = false

    init(
        _ name: String, level: Logger.Level? = .info, isSecurity: Bool = false,
        fields: [String] = [], _ metrics: [Metric]
    ) {
        self.name = name
        self.level = level
        self.isSecurity = isSecurity
        self.fields = fields
        self.metrics = metrics
    }
}
