import PerchModel

/// Values from which on a colour holds.
package struct Thresholds: Sendable, Hashable {
    package struct Step: Sendable, Hashable {
        /// Minus infinity for the colour of everything below.
        package var value: Double
        package var colour: Colour
    }

    /// Whether values are shares of the field's range, from 0 to 100.
    package var isPercentage: Bool
    package var steps: [Step]

    init(isPercentage: Bool, steps: [Step]) {
        self.isPercentage = isPercentage
        self.steps = steps.sorted { $0.value < $1.value }
    }

    init?(_ json: JSONValue?) {
        guard let json else { return nil }
        let steps = json.at("steps").items.enumerated().compactMap { place, step -> Step? in
            let value = step.at("value")?.double
            guard value != nil || place == 0 else { return nil }
            let name = step.at("color")?.scalarText ?? "green"
            return Step(
                value: place == 0 && value == nil ? -.infinity : value ?? -.infinity,
                colour: Palette.colour(name) ?? Palette.neutral)
        }
        guard !steps.isEmpty else { return nil }
        self.init(isPercentage: json.at("mode")?.scalarText == "percentage", steps: steps)
    }

    /// Green, and red from 80 on: what Grafana has where nothing is said.
    static let standard = Thresholds(
        isPercentage: false,
        steps: [
            Step(value: -.infinity, colour: Palette.colour("green") ?? Palette.neutral),
            Step(value: 80, colour: Palette.colour("red") ?? Palette.neutral),
        ])

    /// The steps as values of a range.
    package func absolute(min: Double, max: Double) -> [Step] {
        guard isPercentage else { return steps }
        return steps.map {
            Step(
                value: $0.value.isFinite ? min + (max - min) * $0.value / 100 : $0.value,
                colour: $0.colour)
        }
    }

    /// The colour of a value in a range.
    package func colour(_ value: Double, min: Double, max: Double) -> Colour? {
        let steps = absolute(min: min, max: max)
        return steps.last { value >= $0.value }?.colour ?? steps.first?.colour
    }
}
