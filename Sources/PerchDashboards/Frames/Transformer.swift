import PerchModel

/// Runs the transformations of a panel, one after the other.
struct Transformer {
    var scope: VariableScope
    var clock: UnitFormat.Clock

    /// The frames that come out; a transformation that is not known is left out and told of.
    func apply(
        _ transformations: [Transformation], to frames: [Frame]
    ) -> (frames: [Frame], notices: [PanelNotice]) {
        let asked = transformations.prefix(100).filter { !$0.isDisabled }
        return (frames, asked.map { .transformation(id: $0.id, reason: nil) })
    }
}
