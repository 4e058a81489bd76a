import Logging
import Synchronization

/// The security audit: logins, brute force, escalation, unusual access (SEC-1, SEC-3, CM-8, CM-19).
///
/// Its events always stay, whatever is sampled.
public struct SecurityAudit: Sendable {
    let recorder: DomainRecorder
    let windows: FailureWindows
    let places: KnownPlaces

    /// Somebody signed in.
    ///
    /// An address or place that this user never came from, after the first one, is unusual access.
    public func loginSucceeded(user: String, address: String? = nil, place: String? = nil) {
        recorder.record(
            .login, ["user_id": user, "client_address": address, "outcome": "success"],
            values: ["success": 1])
        windows.forget(user)
        if let place, places.isNew(place, for: user) {
            unusualAccess(user: user, address: address, detail: "first seen from \(place)")
        }
    }

    /// Somebody failed to sign in; too many within the window are a brute-force attack.
    ///
    /// `code` says why, in one of few words (RED-5: never what was typed).
    public func loginFailed(code: String, user: String? = nil, address: String? = nil) {
        recorder.record(
            .login,
            [
                "code": code, "user_id": user, "client_address": address, "outcome": "failure",
            ], values: ["failure": 1], level: .warning)
        for subject in [user, address] {
            guard let subject, let count = windows.failed(subject, at: recorder.clock()) else {
                continue
            }
            recorder.record(
                .security,
                ["kind": "brute_force", "user_id": user, "client_address": address],
                values: ["attempts": Double(count)], level: .error)
        }
    }

    /// Somebody tried what only others may.
    public func privilegeEscalation(
        user: String, resource: String, address: String? = nil
    ) {
        recorder.record(
            .security,
            [
                "kind": "privilege_escalation", "user_id": user, "resource": resource,
                "client_address": address,
            ], level: .error)
    }

    /// Somebody behaved unlike before.
    public func unusualAccess(user: String, address: String? = nil, detail: String) {
        recorder.record(
            .security,
            [
                "kind": "unusual_access", "user_id": user, "client_address": address,
                "detail": detail,
            ])
    }

    /// An age was verified, or was not (SEC-6): the rate follows by query.
    public func ageVerification(
        method: String, isVerified: Bool, user: String? = nil, order: String? = nil
    ) {
        recorder.record(
            .ageVerification,
            [
                "method": method, "result": isVerified ? "verified" : "refused", "user_id": user,
                "order_id": order,
            ])
    }
}

/// Failures of each subject within a time; bounded.
final class FailureWindows: Sendable {
    private let limit: Int
    private let window: Int64
    private let subjectsMax: Int
    private let state = Mutex<[String: [Int64]]>([:])

    /// `limit` failures within `window` are an attack.
    init(
        limit: Int = 5, window: Duration = .seconds(300), subjectsMax: Int = Limits.subjectsMax
    ) {
        self.limit = limit
        self.window = window.nanoseconds
        self.subjectsMax = subjectsMax
    }

    /// Counts a failure; answers how many there were when they become an attack, once a window.
    func failed(_ subject: String, at time: Int64) -> Int? {
        state.withLock { subjects in
            if subjects[subject] == nil, subjects.count >= subjectsMax {
                // Room is made of those who were quiet; failing that, an attacker with many names
                // pushes out the rest, which costs memory no more.
                subjects = subjects.filter { time &- ($0.value.last ?? 0) < window }
                if subjects.count >= subjectsMax { subjects.removeAll(keepingCapacity: true) }
            }
            var times = (subjects[subject] ?? []).filter { time &- $0 < window }
            times.append(time)
            guard times.count < limit else {
                subjects[subject] = nil
                return times.count
            }
            subjects[subject] = times
            return nil
        }
    }

    func forget(_ subject: String) {
        state.withLock { $0[subject] = nil }
    }
}

/// Where each user was seen; bounded.
final class KnownPlaces: Sendable {
    private let usersMax: Int
    private let state = Mutex<[String: [String]]>([:])

    init(usersMax: Int = Limits.subjectsMax) {
        self.usersMax = usersMax
    }

    /// Remembers a place, and whether the user was known but never seen there.
    func isNew(_ place: String, for user: String) -> Bool {
        state.withLock { users in
            guard var places = users[user] else {
                if users.count >= usersMax { users.removeAll(keepingCapacity: true) }
                users[user] = [place]
                return false
            }
            guard !places.contains(place) else { return false }
            if places.count >= Limits.placesPerUserMax { places.removeFirst() }
            places.append(place)
            users[user] = places
            return true
        }
    }
}
