package import PerchModel

/// A change of frames that a panel asks for, in the order of the file.
package struct Transformation: Sendable, Hashable {
    package var id: String
    package var options: JSONValue
    package var isDisabled: Bool
    /// The frames that it is about; nil for all.
    package var filter: FieldMatcher?

    init(_ json: JSONValue) {
        id = json.at("id")?.scalarText ?? ""
        options = json.at("options") ?? .object([])
        isDisabled = json.at("disabled").isTrue
        filter = FieldMatcher(json.at("filter"))
    }
}
