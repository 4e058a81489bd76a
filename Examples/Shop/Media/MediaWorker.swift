import HTTPTypes
import Perch
import ServiceLifecycle
import Tracing

/// `shop-media`: makes visitors' photos fit for the pages, one after the other.
struct MediaWorker: Service {
    let queue: PhotoQueue
    let perch: PerchService
    let conditions: Conditions
    let random: SeededRandom
    let clock: NanosecondClock

    func run() async throws {
        perch.jobs.watch(queue: "photos") { [queue, clock] in queue.counts(now: clock()) }
        var random = random
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            guard let photo = queue.next() else {
                await conditions.work(for: .milliseconds(200))
                continue
            }
            let fate = Fate(random: &random)
            do {
                try await process(photo, fate)
                queue.done(isSuccess: true)
            } catch {
                // The SDK told of it already.
                queue.done(isSuccess: false)
            }
        }
    }

    private func process(_ photo: Photo, _ fate: Fate) async throws {
        var options = JobOptions()
        options.id = photo.id
        options.origin = photo.origin
        let start = clock()
        try await perch.jobs.run("process_photo", options: options) { run in
            try await run.step("decode") {
                await conditions.work(for: fate.decoding)
                guard !fate.isBroken else {
                    throw ShopFailure(
                        "broken_photo", "Unexpected end of a JPEG of \(photo.byteCount) bytes.",
                        status: .unprocessableContent)
                }
            }
            try await run.step("resize") { await conditions.work(for: fate.resizing) }
            try await run.step("upload") {
                await perch.operations.external("objects.shop.example", "PUT photo") { span in
                    span.attributes["photo.byte_count"] = photo.byteCount
                    await conditions.work(for: fate.upload)
                }
            }
        }
        let seconds = Double(clock() - start) / 1e9
        perch.business.jobCost(seconds * 0.0004, job: "process_photo", id: photo.id)
    }

    /// What becomes of one photo, drawn before the work on it begins.
    private struct Fate: Sendable {
        let decoding: Duration
        let resizing: Duration
        let upload: Duration
        let isBroken: Bool

        init(random: inout SeededRandom) {
            decoding = random.milliseconds(20...120)
            resizing = random.milliseconds(80...600)
            upload =
                random.chance(0.05)
                ? random.milliseconds(900...2_500) : random.milliseconds(40...200)
            isBroken = random.chance(0.04)
        }
    }
}
