import Synchronization

/// Stacks that were made readable before: the same error comes again and again, and debug
/// information is slow to read.
final class KnownStacks: Sendable {
    private let stacks = Mutex<[[UInt64]: [StackFrame]]>([:])

    func frames(of trace: StackTrace, _ rules: FrameRules) -> [StackFrame] {
        let addresses = trace.addresses
        if let known = stacks.withLock({ $0[addresses] }) { return known }
        let frames = trace.readable(rules).frames
        stacks.withLock { stacks in
            if stacks.count >= ErrorLimits.knownStacksMax { stacks = [:] }
            stacks[addresses] = frames
        }
        return frames
    }
}
