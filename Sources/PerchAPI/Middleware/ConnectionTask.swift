/// Where the task of a connection runs.
///
/// What it does between two packets is short, so that waking another thread for it would cost more
/// than the work: it stays on the connection's event loop. What takes long leaves the loop: queries
/// for the threads of ``QueryRunner``, anything else for the shared pool.
package enum ConnectionTask {
    /// Set by whoever listens; nil where a connection's task runs on the shared pool.
    @TaskLocal package static var executor: (any TaskExecutor)?
}
