import Logging

extension ErrorReporter {
    /// Reports how an earlier process died, if it did; tells when that has arrived.
    func take(_ story: CrashStory, completed: @escaping @Sendable (Bool) -> Void) {
        guard let signal = story.signal else {
            // It was killed, or the machine stopped: a session that broke off, and no error.
            if !story.hasEnded { endSession(of: story, .abnormal) }
            completed(true)
            return
        }
        let (trace, images) = CrashStack.trace(story)
        var report = ErrorReport(id: story.id, time: story.time ?? story.start)
        report.level = .critical
        report.mechanism = .signal
        report.isHandled = false
        report.release = story.release
        report.environment = story.environment
        report.breadcrumbs = story.breadcrumbs
        report.images = images
        report.tags["signal"] = story.signalName
        if let thread = story.thread { report.extras["thread"] = .stringConvertible(thread) }
        report.extras["code"] = .stringConvertible(Int(signal.code))
        // What Swift's runtime does inside a trap says nothing of the program.
        var (frames, failure) = trace.readable(rules)
        let message = story.message(innermost: frames.first, failure: failure)
        if let place = frames.firstIndex(where: \.isInApp) {
            frames.removeSubrange(
                ..<(frames[..<place].firstIndex { $0.module != "Swift" } ?? place))
        }
        report.failures = [
            ErrorReport.Failure(
                type: story.signalName, module: nil, message: message, frames: frames)
        ]
        endSession(of: story, .crashed)
        enqueue(Captured(report: report, error: nil, trace: nil, completed: completed))
    }

    private func endSession(of story: CrashStory, _ status: Session.Status) {
        guard sessions.mode == .process, let sender else { return }
        let session = Session(
            id: story.session, start: story.start, time: story.time ?? clock(), status: status,
            errorCount: 0, isFirst: false)
        var identity = identity
        identity.release = story.release ?? identity.release
        identity.environment = story.environment ?? identity.environment
        sender.add(Envelope(items: [session.item(identity)]))
    }
}
