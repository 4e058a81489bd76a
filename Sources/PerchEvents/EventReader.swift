import PerchFiles
import PerchModel

/// The answer to a query over a snapshot.
///
/// Parts are read from the end of time that comes first. A row may go out when no part that is
/// still unread can hold one before it, so a limit is usually met after a few parts.
struct EventReader: EventCursor {
    private let query: EventQuery
    private let log: WriteLog
    /// Unread parts; the one to read next is last.
    private var unread: [EventPart]
    private var waiting: EventPile
    /// Rows in their order, to be handed out.
    private var ready: EventBatch
    private var order: ArraySlice<UInt32> = []
    private var rowCountLeft: Int

    init(_ query: EventQuery, _ parts: [EventPart], log: WriteLog) {
        self.query = query
        self.log = log
        unread = parts.sorted {
            query.order == .newestFirst ? $0.maxTime < $1.maxTime : $0.minTime > $1.minTime
        }
        waiting = EventPile(query)
        ready = EventBatch(dataset: query.dataset)
        rowCountLeft = query.limit.map { max(0, $0) } ?? .max
    }

    mutating func next() async throws(StoreFailure) -> EventBatch? {
        while rowCountLeft > 0 {
            guard !Task.isCancelled else { throw .cancelled }
            if !order.isEmpty { return handOut() }
            guard let part = unread.last else {
                guard waiting.rowCount > 0 else { return nil }
                (ready, order) = waiting.takeAll()
                continue
            }
            let edge = query.order == .newestFirst ? part.maxTime : part.minTime
            let wanted = min(rowCountLeft, Limits.answerRowCountMax)
            if waiting.rowCount(before: edge) >= wanted {
                (ready, order) = waiting.take(before: edge)
                continue
            }
            unread.removeLast()
            try read(part)
            waiting.keepFirst(rowCountLeft)
        }
        return nil
    }

    private mutating func handOut() -> EventBatch {
        let rows = order.prefix(min(rowCountLeft, Limits.answerRowCountMax))
        order = order.dropFirst(rows.count)
        rowCountLeft -= rows.count
        return ready.selecting(rows: Array(rows))
    }

    private mutating func read(_ part: EventPart) throws(StoreFailure) {
        switch part {
        case .block(let block): waiting.add(block.batch)
        case .file(let sequence, _, _): try read(file: sequence)
        }
    }

    /// A file that retention removed since the snapshot gives nothing more.
    private mutating func read(file sequence: UInt64) throws(StoreFailure) {
        let limit = rowCountLeft
        var pile = waiting
        waiting = EventPile(query)
        do {
            _ = try log.replay(file: sequence) { payload in
                guard !Task.isCancelled else { throw StoreFailure.cancelled }
                guard EventPayload.dataset(of: payload) == query.dataset else { return }
                // A payload that cannot be read was counted when the store was opened.
                guard let batch = try? EventPayload.decode(payload) else { return }
                pile.add(batch)
                pile.keepFirst(limit)
            }
        } catch let failure as StoreFailure {
            throw failure
        } catch {
            throw .failed("cannot read log file \(sequence) back: \(error)")
        }
        waiting = pile
    }
}
