import Synchronization

/// Stacks that were made readable before: the same error comes again and again, and debug
/// information is slow to read.
final class KnownStacks: Sendable {
    private let stacks = Mutex<[[UInt64]: [StackFrame]]>([:])

    /// The frames of a throw where it is known, else those of who reported the error.
    func frames(
        of site: ThrowSite?, or trace: StackTrace?, _ rules: FrameRules
    ) -> [StackFrame] {
        if let site {
            return frames(site.addresses) { StackTrace.of(site).readable(rules).frames }
        }
        guard let trace else { return [] }
        return frames(trace.addresses) { trace.readable(rules).frames }
    }

    private func frames(
        _ addresses: [UInt64], _ read: () -> [StackFrame]
    ) -> [StackFrame] {
        if let known = stacks.withLock({ $0[addresses] }) { return known }
        let frames = read()
        stacks.withLock { stacks in
            if stacks.count >= ErrorLimits.knownStacksMax { stacks = [:] }
            stacks[addresses] = frames
        }
        return frames
    }
}
