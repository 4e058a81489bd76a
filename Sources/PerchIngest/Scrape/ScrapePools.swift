/// The jobs with their targets: decides which targets begin, change and end.
///
/// It does no I/O and reads no clock.
struct ScrapePools {
    private struct Pool {
        var targets: [String: ActiveTarget] = [:]
        var status: ScrapePoolStatus
    }

    private var pools: [Pool] = []

    /// Takes the groups of targets of each job; answers the targets that are new.
    mutating func update(
        _ jobs: [(job: ScrapeJob, groups: [TargetGroup], messages: [String])], version: Int
    ) -> [ActiveTarget] {
        var old: [String: Pool] = [:]
        for pool in pools { old[pool.status.job] = pool }
        var started: [ActiveTarget] = []
        pools = jobs.map { job, groups, messages in
            let known = old.removeValue(forKey: job.name)?.targets ?? [:]
            var pool = Pool(status: ScrapePoolStatus(job: job.name, messages: messages))
            let targets = Self.targets(job, groups, &pool.status)
            let limit = job.bounds.targets > 0 ? job.bounds.targets : ScrapeLimits.targetsMax
            let refusal =
                targets.count > limit
                ? "target_limit exceeded (number of targets: "
                    + "\(targets.count), limit: \(limit))" : nil
            for target in targets.prefix(max(limit, ScrapeLimits.targetsMax)) {
                let key = target.key
                if let active = known[key] {
                    active.change {
                        $0.target = target
                        $0.job = job
                        $0.version = version
                        $0.refusal = refusal
                    }
                    pool.targets[key] = active
                } else {
                    let active = ActiveTarget(target, job, version: version, refusal: refusal)
                    pool.targets[key] = active
                    started.append(active)
                }
            }
            for (key, active) in known where pool.targets[key] == nil {
                active.change { $0.isStopped = true }
            }
            return pool
        }
        for pool in old.values {
            for active in pool.targets.values { active.change { $0.isStopped = true } }
        }
        return started
    }

    /// The targets of all groups, each once, in a steady order.
    private static func targets(
        _ job: ScrapeJob, _ groups: [TargetGroup], _ status: inout ScrapePoolStatus
    ) -> [ScrapeTarget] {
        var targets: [ScrapeTarget] = []
        var keys: Set<String> = []
        for group in groups {
            for outcome in job.targets(of: group) {
                switch outcome {
                case .target(let target):
                    if keys.insert(target.key).inserted { targets.append(target) }
                case .dropped(let labels):
                    status.droppedCount += 1
                    let kept = job.droppedMax > 0 ? min(job.droppedMax, 1_000) : 1_000
                    if status.dropped.count < kept { status.dropped.append(labels) }
                case .refused(let labels, let message):
                    guard status.messages.count < 100 else { continue }
                    status.messages.append("\(labels["__address__"]): \(message)")
                }
            }
        }
        return targets
    }

    /// The state of every target.
    var targets: [ActiveTarget.State] { pools.flatMap { $0.targets.values.map(\.now) } }

    var status: [ScrapePoolStatus] {
        pools.map { pool in
            var status = pool.status
            status.active = pool.targets.values.map { active in
                let now = active.now
                return ScrapeTargetStatus(
                    target: now.target, startNanos: now.startNanos, report: now.report)
            }
            status.active.sort { $0.target.key < $1.target.key }
            return status
        }
    }
}
