import CPerchCrash
#if canImport(Runtime)
    import Runtime
#endif

/// Where an error was thrown: return addresses, the innermost first, and then those of the
/// functions of the task that wait.
struct ThrowSite: Sendable, Hashable {
    var addresses: [UInt64]
    var waitersCount: Int

    /// Sets whether throws are noted, once for the process.
    static func note(_ isOn: Bool) {
        guard cperchcrash_note_throws(isOn ? 1 : 0) != 0, isOn else { return }
        // It ends at once: nobody waits for it.
        Task.detached { await learn() }
    }

    /// Learns what frames of asynchronous functions look like, by being one.
    @concurrent
    static func learn() async {
        await Task.yield()
        cperchcrash_learn_task()
    }

    /// The place of an error that is about to be reported, or nil when it was not noted: it was
    /// never thrown, or by a function that says what it throws, or too long ago.
    init?(of error: any Error) {
        // The handle of an error is the address of a box on Linux.
        guard MemoryLayout<any Error>.size == MemoryLayout<UInt>.size else { return nil }
        // Safe: it has the size of an address; nothing behind it is read, it is only compared with
        // those of errors that are kept alive.
        let box = unsafe UnsafeRawPointer(
            bitPattern: unsafeBitCast(error as any Error, to: UInt.self))
        var waitersCount = 0
        // Safe: the function writes at most `addressesMax` words, and says how many.
        addresses = unsafe [UInt64](unsafeUninitializedCapacity: Self.addressesMax) {
            buffer, count in
            count = unsafe cperchcrash_throw_site(
                box, buffer.baseAddress, buffer.count, &waitersCount)
        }
        guard !addresses.isEmpty else { return nil }
        self.waitersCount = waitersCount
    }

    /// Addresses of one place, as the notes keep them.
    private static let addressesMax = 72

    #if canImport(Runtime)
        /// The stack, for reading.
        func trace(_ images: ImageMap) -> StackTrace {
            let stack = Array(addresses.dropLast(waitersCount))
            return StackTrace(
                Backtrace.of(
                    stack, waiters: addresses.suffix(waitersCount), images, beginsInside: false))
        }
    #endif
}
