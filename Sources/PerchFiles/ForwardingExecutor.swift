/// Runs tasks where somebody else says, such as on an event loop.
///
/// Tasks may outlive whoever made it: keep it for as long as the process lasts.
package final class ForwardingExecutor: TaskExecutor {
    private let execute: @Sendable (@escaping @Sendable () -> Void) -> Void

    /// `execute` runs what it is given, once, soon, and not before it returns.
    package init(_ execute: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) {
        self.execute = execute
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        execute { [self] in
            // Safe: the job was handed to this executor, is run once, and this object is kept.
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
