/// A field as a question names it.
package struct FieldReference: Sendable, Hashable {
    package var name: String
    /// Nil looks in record, attributes, then the resource, and takes the first that has a value.
    package var space: FieldSpace?

    package init(_ name: String, space: FieldSpace? = nil) {
        self.name = name
        self.space = space
    }
}

/// What a row must satisfy.
///
/// Pushed down to the store, which evaluates it on columns.
package indirect enum EventPredicate: Sendable, Hashable {
    /// How two numbers compare.
    package enum Comparison: String, Sendable, Hashable, CaseIterable {
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case equal = "=="
    }

    /// Every row.
    case all
    case and([EventPredicate])
    case or([EventPredicate])
    case not(EventPredicate)
    /// The field's text equals this, letter case included. Numbers compare as text of their
    /// shortest form, ids as lower-case hex.
    case equals(FieldReference, String)
    /// The field's text contains this; ASCII letters match in either case.
    case contains(FieldReference, String)
    /// The field's text contains this, letter case included.
    case containsExactly(FieldReference, String)
    /// The field's text satisfies a pattern.
    case matches(FieldReference, TextPattern)
    /// The field's text begins with this, letter case included.
    case hasPrefix(FieldReference, String)
    /// The field is a number, or text that reads as one, and compares so.
    case compares(FieldReference, Comparison, Double)
    /// The row has the field.
    case exists(FieldReference)
    /// Any text of the record contains this: body, name, status message, or a string attribute;
    /// ASCII letters match in either case.
    case anyText(String)
}

/// A question to an ``EventSource``.
package struct EventQuery: Sendable, Hashable {
    /// In which order rows come.
    ///
    /// Rows of one time keep no particular order.
    package enum Order: Sendable, Hashable {
        case newestFirst
        case oldestFirst
        /// As the store has them: the cheapest, for counting and grouping.
        case unordered
    }

    /// Which columns the answer holds.
    ///
    /// Times and resources always come, and ``RecordField/weight`` where a row has one.
    package enum Projection: Sendable, Hashable {
        case all
        case fields([FieldReference])
    }

    /// Which rows an answer may give as one, for whoever only counts.
    ///
    /// Rows that are alike in all fields of the projection may come as one row, with any time of the
    /// query that lies in their stretch, and a weight that says how many events they stand for. A
    /// source need not.
    package struct Joining: Sendable, Hashable {
        /// Rows stay apart whose times lie in different ones of these; nil when times do not matter.
        package var stretches: Stretches?
        /// Whether rows of different senders stay apart; else a joined row may have any sender.
        package var keepsResources: Bool
        /// What need not be told apart everywhere.
        package var implied: Implied?

        /// A field of the projection that may be left out where another, of records too, is a whole
        /// number of a range in all rows.
        package struct Implied: Sendable, Hashable {
            package var name: String
            package var byName: String
            package var numbers: ClosedRange<Int64>

            /// A record's own word for its level says nothing where it has a severity number.
            package static let levelText = Implied(
                name: RecordField.severityText, byName: RecordField.severityNumber,
                numbers: 1...24)
        }

        /// Stretches of time of one length, one after the other.
        package struct Stretches: Sendable, Hashable {
            package var start: Int64
            /// More than 0.
            package var length: Int64

            package init(start: Int64, length: Int64) {
                self.start = start
                self.length = max(1, length)
            }
        }

        package init(stretches: Stretches?, keepsResources: Bool, implied: Implied? = nil) {
            self.stretches = stretches
            self.keepsResources = keepsResources
            self.implied = implied
        }
    }

    package var dataset: Dataset
    /// Half-open, nanoseconds since 1970.
    package var times: Range<Int64>
    package var predicate: EventPredicate = .all
    package var projection: Projection = .all
    package var order: Order = .newestFirst
    /// At most so many rows; nil for all.
    package var limit: Int?
    /// For `.unordered` without a limit; nil: each row comes as it is.
    package var joining: Joining?

    package init(dataset: Dataset, times: Range<Int64>) {
        self.dataset = dataset
        self.times = times
    }
}
