import Foundation

/// Shows that a decoder neither traps nor loops on damaged input.
///
/// A trap ends the test process, so reaching the end is the proof; what the decoder makes of the
/// damage is its own affair, as long as it returns or throws.
package enum DecoderVerifier {
    /// How many of the inputs tried were taken, and how many refused.
    package struct Outcome: Sendable {
        package var accepted = 0
        package var refused = 0
    }

    /// How many bytes are decoded for one body.
    ///
    /// All positions of a body of 1.4 KB fit; of larger ones a seeded sample is tried, unless
    /// `PERCH_EXHAUSTIVE` is set in the environment.
    private static let byteBudget = 8 * 1_024 * 1_024

    /// Gives `decode` every prefix of `body`, and `body` with each byte changed in three ways.
    @discardableResult
    package static func verify(
        _ body: [UInt8], seed: UInt64 = 1, decode: ([UInt8]) throws -> Void
    ) -> Outcome {
        var outcome = Outcome()
        func attempt(_ bytes: [UInt8]) {
            do {
                try decode(bytes)
                outcome.accepted += 1
            } catch {
                outcome.refused += 1
            }
        }
        var damaged = body
        for position in positions(body.count, seed: seed) {
            attempt(Array(body[..<position]))
            let original = body[position]
            for change in [0xff, 0x01, 0x80] as [UInt8] {
                damaged[position] = original ^ change
                attempt(damaged)
            }
            damaged[position] = original
        }
        return outcome
    }

    private static func positions(_ count: Int, seed: UInt64) -> [Int] {
        let affordable = byteBudget / max(1, count * 4)
        guard count > affordable, ProcessInfo.processInfo.environment["PERCH_EXHAUSTIVE"] == nil
        else { return Array(0..<count) }
        var random = SplitMix(state: seed)
        return (0..<affordable).map { _ in Int(random.next() % UInt64(count)) }
    }

    /// Numbers that are the same for the same seed (Steele, Lea, Flood, "Fast splittable
    /// pseudorandom number generators").
    package struct SplitMix: RandomNumberGenerator, Sendable {
        package var state: UInt64

        package init(state: UInt64) {
            self.state = state
        }

        package mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var value = state
            value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
            return value ^ value >> 31
        }
    }
}
