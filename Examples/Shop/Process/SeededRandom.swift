/// A small deterministic generator (SplitMix64), so that a run can be repeated.
struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A generator of its own for a part, whose draws do not disturb this one.
    mutating func fork() -> SeededRandom {
        SeededRandom(seed: next())
    }

    /// True with the given probability.
    mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &self) < probability
    }

    /// One of `choices`, each as likely as its weight says.
    mutating func pick<Choice>(_ choices: [(choice: Choice, weight: Double)]) -> Choice? {
        var left = Double.random(in: 0..<1, using: &self) * choices.reduce(0) { $0 + $1.weight }
        for (choice, weight) in choices {
            left -= weight
            if left < 0 { return choice }
        }
        return choices.last?.choice
    }

    /// A duration between two bounds in milliseconds.
    mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration {
        .milliseconds(Int.random(in: range, using: &self))
    }
}
