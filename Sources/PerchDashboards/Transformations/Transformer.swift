import PerchModel
import PerchRegex

/// Runs the transformations of a panel, one after the other.
struct Transformer {
    var scope: VariableScope
    var clock: UnitFormat.Clock

    /// Why a transformation leaves the frames as they are.
    struct Refusal: Error {
        /// Nil for one that is not known.
        var reason: String?
    }

    /// The frames that come out; a transformation that cannot be run is left out and told of.
    func apply(
        _ transformations: [Transformation], to frames: [Frame]
    ) -> (frames: [Frame], notices: [PanelNotice]) {
        var frames = frames
        var notices: [PanelNotice] = []
        for transformation in transformations.prefix(100) where !transformation.isDisabled {
            do throws(Refusal) {
                frames = try apply(transformation, to: frames)
            } catch {
                notices.append(.transformation(id: transformation.id, reason: error.reason))
            }
        }
        return (frames, notices)
    }

    /// Frames that the transformation's filter leaves out stay as they are, behind the others.
    private func apply(
        _ transformation: Transformation, to frames: [Frame]
    ) throws(Refusal) -> [Frame] {
        var options = transformation.options
        if case .object(let members) = options {
            // Texts of options may hold variables.
            let interpolator = Interpolator(scope: scope, policy: .text)
            options = .object(
                members.map {
                    guard case .string(let text) = $0.value, text.contains("$"),
                        !["renamePattern", "regex"].contains($0.name)
                    else { return $0 }
                    return .init(name: $0.name, value: .string(interpolator.text(text)))
                })
        }
        guard let refID = transformation.filter?.options.scalarText, !refID.isEmpty else {
            return try run(transformation.id, options, frames)
        }
        let wanted = try RefIDs(refID)
        return try run(transformation.id, options, frames.filter { wanted.contains($0.refID) })
            + frames.filter { !wanted.contains($0.refID) }
    }

    private func run(
        _ id: String, _ options: JSONValue, _ frames: [Frame]
    ) throws(Refusal) -> [Frame] {
        guard !frames.isEmpty else { return frames }
        switch id {
        case "organize": return frames.map { organize($0, options, among: frames) }
        case "filterFieldsByName": return try filterFieldsByName(frames, options)
        case "filterByName": return try filterFieldsByName(frames, options)
        case "filterByRefId", "filterFramesByRefId": return try filterByRefID(frames, options)
        case "renameByRegex": return try renameByRegex(frames, options)
        case "convertFieldType": return frames.map { convertFieldType($0, options, among: frames) }
        case "formatTime": return frames.map { formatTime($0, options, among: frames) }
        case "extractFields": return try extractFields(frames, options)
        case "labelsToFields": return labelsToFields(frames, options)
        case "filterByValue": return try filterByValue(frames, options)
        case "sortBy": return frames.map { sortBy($0, options, among: frames) }
        case "limit":
            let count = options.at("limitField")?.integer ?? 10
            return frames.map { $0.picking(Array(0..<min(max(count, 0), $0.rowCount))) }
        case "groupBy": return try groupBy(frames, options)
        case "calculateField": return try calculateField(frames, options)
        case "merge": return merge(frames)
        case "concatenate": return concatenate(frames, options)
        case "joinByField", "seriesToColumns": return try joinByField(frames, options)
        case "joinByLabels": return try joinByLabels(frames, options)
        case "reduce": return reduce(frames, options)
        case "seriesToRows": return seriesToRows(frames)
        case "rowsToFields": return rowsToFields(frames, options)
        case "timeSeriesTable": return timeSeriesTable(frames, options)
        case "histogram": return histogram(frames, options)
        case "groupingToMatrix": return try groupingToMatrix(frames, options)
        case "partitionByValues": return try partitionByValues(frames, options)
        case "noop", "prepareTimeSeries", "ensureColumns": return frames
        default: throw Refusal(reason: nil)
        }
    }

    /// The name of a field, as people see it.
    func name(_ field: Field, _ frame: Frame, _ frames: [Frame]) -> String {
        FieldName.text(field, in: frame, among: frames)
    }

    /// Whether a field is meant by a name.
    func isNamed(_ name: String?, _ field: Field, _ frame: Frame) -> Bool {
        guard let name else { return false }
        return field.name == name || FieldName.text(field, in: frame, among: []) == name
    }

    func field(_ name: String?, in frame: Frame) -> Field? {
        frame.fields.first { isNamed(name, $0, frame) }
    }
}

/// The queries that a filter names: one, or a regular expression between slashes.
struct RefIDs {
    private var matches: @Sendable (String) -> Bool

    init(_ text: String) throws(Transformer.Refusal) {
        guard text.hasPrefix("/") || text.contains("|") else {
            matches = { $0 == text }
            return
        }
        guard let pattern = try? JavaScriptPattern.regex(text) else {
            throw Transformer.Refusal(reason: "the expression \(text) cannot be used here")
        }
        matches = { pattern.matches(in: $0) }
    }

    func contains(_ refID: String) -> Bool { matches(refID) }
}
