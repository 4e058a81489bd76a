import PerchModel
import Synchronization

/// Leaves out logs of named routes, but never errors and security events (SMP-5).
///
/// Each row that is kept stands for those before it that were not, by its weight, so that counts
/// stay exact by service and level.
final class LogSampler: Sendable {
    private struct Key: Hashable {
        var rule: Int
        var service: String
        var severity: Int64
    }

    private struct State {
        /// Millionths of a row that are owed to be kept.
        var credit = 0
        /// Rows left out since the last that was kept.
        var pending: Int64 = 0
    }

    private let rules: [EventPolicySettings.RouteRule]
    private let states = Mutex<[Key: State]>([:])

    init(_ rules: [EventPolicySettings.RouteRule]) {
        self.rules = rules
    }

    func sample(_ batch: inout EventBatch) {
        let candidates = candidates(batch)
        guard !candidates.isEmpty else { return }
        let severities = batch.column(RecordField.severityNumber, .record, .int)
        var dropped = [Bool](repeating: false, count: batch.rowCount)
        var weights: [UInt32: Int64] = [:]
        states.withLock { states in
            for (row, rule) in candidates {
                var key = Key(
                    rule: rule, service: batch.resource(ofRow: Int(row)).service,
                    severity: severities?.index(ofRow: Int(row)).map { severities?.ints[$0] ?? 0 }
                        ?? 0)
                if states.count >= Limits.sampledKeysMax, states[key] == nil { key.service = "" }
                var state = states[key] ?? State(credit: Self.firstCredit(rules[rule]))
                state.credit += rules[rule].keptPerMillion
                if state.credit >= 1_000_000 {
                    state.credit -= 1_000_000
                    if state.pending > 0 { weights[row] = state.pending + 1 }
                    state.pending = 0
                } else {
                    dropped[Int(row)] = true
                    // What is never kept is stood for by nobody.
                    if rules[rule].keptPerMillion > 0 { state.pending += 1 }
                }
                states[key] = state
            }
        }
        guard dropped.contains(true) || !weights.isEmpty else { return }
        let kept = (0..<UInt32(batch.rowCount)).filter { !dropped[Int($0)] }
        var column = Column(name: RecordField.weight, space: .record, kind: .int)
        for (place, row) in kept.enumerated() {
            guard let weight = weights[row] else { continue }
            column.rows.append(UInt32(place))
            column.ints.append(weight)
        }
        batch = batch.selecting(rows: kept)
        guard !column.rows.isEmpty else { return }
        batch.columns.removeAll { $0.name == column.name && $0.space == .record }
        batch.columns.append(column)
    }

    /// The first row of its kind is kept, so that something is seen at once.
    private static func firstCredit(_ rule: EventPolicySettings.RouteRule) -> Int {
        rule.keptPerMillion == 0 ? 0 : 1_000_000 - rule.keptPerMillion
    }

    /// The rows that a rule names and that may be left out, with their rule.
    private func candidates(_ batch: EventBatch) -> [(row: UInt32, rule: Int)] {
        var rules: [UInt32: Int] = [:]
        for name in Self.routeFields {
            guard let column = batch.column(name, .attribute, .string) else { continue }
            for (index, row) in column.rows.enumerated() where rules[row] == nil {
                rules[row] = rule(column.bytes.span.extracting(column.byteRange(at: index)))
            }
        }
        guard !rules.isEmpty else { return [] }
        for row in rules.keys where isKeptAlways(batch, Int(row)) { rules[row] = nil }
        return rules.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func rule(_ path: Span<UInt8>) -> Int? {
        // A query says nothing of the route.
        var end = 0
        while end < path.count, path[end] != UInt8(ascii: "?") { end += 1 }
        return rules.firstIndex { rule in
            let route = Array(rule.route.utf8)
            let isPrefix = route.last == UInt8(ascii: "*")
            let count = isPrefix ? route.count - 1 : route.count
            guard isPrefix ? end >= count : end == count else { return false }
            return (0..<count).allSatisfy { path[$0] == route[$0] }
        }
    }

    /// Errors, and what the application says to be of security.
    private func isKeptAlways(_ batch: EventBatch, _ row: Int) -> Bool {
        if let level = batch.int(RecordField.severityNumber, .record, row), level >= 17 {
            return true
        }
        for name in Self.statusFields {
            if let status = batch.int(name, .attribute, row), status >= 500 { return true }
        }
        for name in ["exception.type", "exception.message", "exception.stacktrace", "error", "err"]
        where batch.columns.contains(where: {
            $0.space == .attribute && $0.name == name && $0.index(ofRow: row) != nil
        }) { return true }
        for name in Self.securityFields {
            guard let text = batch.value(of: FieldReference(name), row: row)?.text.lowercased()
            else {
                continue
            }
            if text == "true" && name == "security" { return true }
            if ["security", "audit", "auth"].contains(where: { text.contains($0) }) { return true }
        }
        return false
    }

    private static let routeFields = [
        "http.route", "url.path", "http.target", "route", "path", "url", "request.path",
    ]
    private static let statusFields = [
        "http.response.status_code", "http.status_code", "status", "status_code", "statusCode",
    ]
    private static let securityFields = [
        "security", "event.category", "category", "event_name", "event.kind", "logger",
        "logger.name",
        "scope_name", "type",
    ]
}

extension EventBatch {
    fileprivate func column(_ name: String, _ space: FieldSpace, _ kind: ColumnKind) -> Column? {
        columns.first { $0.name == name && $0.space == space && $0.kind == kind }
    }

    fileprivate func int(_ name: String, _ space: FieldSpace, _ row: Int) -> Int64? {
        guard let column = column(name, space, .int), let index = column.index(ofRow: row) else {
            return nil
        }
        return column.ints[index]
    }
}
