package import PerchModel

/// How JSON lines are read where a request says something else than the usual.
package struct JSONLinesOptions: Sendable {
    /// The field that holds the time, by its path with dots, or several with commas, the best first;
    /// nil tries the usual names.
    package var timeField: String?
    /// The field that holds the level; nil tries the usual names.
    package var levelField: String?
    /// The field that holds the message; nil tries the usual names.
    package var messageField: String?
    /// Fields that say who sent a record, beside the usual ones.
    package var senderFields: [String]
    /// The service of records that name none.
    package var defaultService: String?
    /// Attributes of every record's sender.
    package var resource: [Resource.Attribute]

    package init(
        timeField: String? = nil, levelField: String? = nil, messageField: String? = nil,
        senderFields: [String] = [], defaultService: String? = nil,
        resource: [Resource.Attribute] = []
    ) {
        self.timeField = timeField
        self.levelField = levelField
        self.messageField = messageField
        self.senderFields = senderFields
        self.defaultService = defaultService
        self.resource = resource
    }
}

/// What a body of JSON lines held.
package struct JSONLinesResult: Sendable {
    /// A line that is no JSON object.
    package struct BadLine: Sendable, Equatable {
        /// Counted from 1, blank lines included.
        package var line: Int
        package var reason: String

        package init(line: Int, reason: String) {
            self.line = line
            self.reason = reason
        }
    }

    /// Every record, those of lines kept as plain text included.
    package var batch: EventBatch
    /// How many lines were JSON objects.
    package var acceptedCount = 0
    /// The rows of lines kept as plain text.
    package var plainRows: [UInt32] = []
    /// How many lines were kept as plain text.
    package var plainCount: Int { plainRows.count }
    /// The first lines of ``plainRows``, with why they are no JSON object.
    package var bad: [BadLine] = []

    package init(batch: EventBatch) {
        self.batch = batch
    }
}
