/// Files of a log that stay readable while this is there, whatever is removed meanwhile.
///
/// A reader takes one with its snapshot. It costs no open file.
package final class WriteLogHold: Sendable {
    /// What the files were when the hold began: later records are not in it.
    package let files: [WriteLogFile]
    private let queue: WriteLogQueue

    init(_ sequences: [UInt64], _ queue: WriteLogQueue) {
        self.queue = queue
        files = queue.hold(sequences)
    }

    deinit { queue.release(files) }
}
