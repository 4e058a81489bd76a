import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix

extension HealthCheck {
    /// A PostgreSQL server answers (HLT-2): it is asked whether it speaks TLS, which needs no login.
    ///
    /// Source: PostgreSQL's documentation, "SSL Session Encryption".
    public static func postgres(
        _ name: String = "database", host: String, port: Int = 5432
    ) -> HealthCheck {
        handshake(name, host, port, send: [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]) { answer in
            switch answer.first {
            case UInt8(ascii: "S"), UInt8(ascii: "N"), UInt8(ascii: "E"): true
            case nil: nil
            default: false
            }
        }
    }

    /// A MySQL or MariaDB server greets (HLT-2).
    ///
    /// Source: MySQL's internals, "Protocol::Handshake": version 10 in the first packet.
    public static func mysql(
        _ name: String = "database", host: String, port: Int = 3306
    ) -> HealthCheck {
        handshake(name, host, port, send: []) { answer in
            guard answer.count >= 5 else { return nil }
            return answer[4] == 10
        }
    }

    /// A Redis or Valkey server answers a ping, or asks for a password first (HLT-2).
    public static func redis(
        _ name: String = "redis", host: String, port: Int = 6379
    ) -> HealthCheck {
        handshake(name, host, port, send: Array("PING\r\n".utf8)) { answer in
            guard answer.count >= 5 else { return nil }
            let text = String(decoding: answer, as: UTF8.self)
            return text.hasPrefix("+PONG") || text.hasPrefix("-NOAU")
        }
    }

    /// An SMTP server greets; ask rarely, since each time is a connection in its log (HLT-8).
    public static func smtp(
        _ name: String = "smtp", host: String, port: Int = 25, cachedFor: Duration = .seconds(60)
    ) -> HealthCheck {
        var check = handshake(name, host, port, send: []) { answer in
            guard answer.count >= 3 else { return nil }
            return Array(answer.prefix(3)) == Array("220".utf8)
        }
        check.cachedFor = cachedFor
        return check
    }

    /// An address answers a GET with a status below 500 (HLT-7).
    public static func http(_ name: String, url: String, isCritical: Bool = false) -> HealthCheck {
        HealthCheck(name, isCritical: isCritical) {
            let answer = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: url), timeout: .seconds(5))
            guard answer.status.code < 500 else {
                throw HealthFailure("answered \(answer.status.code)")
            }
            return ["status": .number(Double(answer.status.code))]
        }
    }

    /// Whether tasks still get their turn: a sleep of 1 ms takes less than this longer (HLT-3).
    public static func responsiveness(lagMax: Duration = .milliseconds(500)) -> HealthCheck {
        HealthCheck("responsiveness", kinds: [.live]) {
            let start = ContinuousClock.now
            try await Task.sleep(for: .milliseconds(1))
            let lag = ContinuousClock.now - start - .milliseconds(1)
            guard lag <= lagMax else { throw HealthFailure("tasks wait \(lag) for their turn") }
            return ["lag_ms": .number(Double(lag.nanoseconds / 1000) / 1000)]
        }
    }

    /// Something was done lately, such as a job (HLT-8); `last` answers nanoseconds since 1970, or
    /// nil for never.
    public static func freshness(
        _ name: String, ageMax: Duration, last: @escaping @Sendable () async -> Int64?
    ) -> HealthCheck {
        HealthCheck(name) {
            guard let time = await last() else { throw HealthFailure("has not happened yet") }
            let age = Double(WallClock.nanoseconds() &- time) / 1e9
            guard age <= Double(ageMax.nanoseconds) / 1e9 else {
                throw HealthFailure("was \(Int(age)) s ago, expected within \(ageMax)")
            }
            return ["age_s": .number(age.rounded())]
        }
    }

    /// Connects, sends, and reads until `isRight` knows.
    private static func handshake(
        _ name: String, _ host: String, _ port: Int, send: [UInt8],
        isRight: @escaping @Sendable ([UInt8]) -> Bool?
    ) -> HealthCheck {
        HealthCheck(name) {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(.seconds(2))
                .connect(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                            wrappingChannelSynchronously: channel)
                    }
                }
            return try await channel.executeThenClose { inbound, outbound in
                if !send.isEmpty { try await outbound.write(ByteBuffer(bytes: send)) }
                var answer: [UInt8] = []
                for try await part in inbound {
                    answer += part.readableBytesView
                    if let isRight = isRight(answer) {
                        guard isRight else {
                            throw HealthFailure("something else answers at \(host):\(port)")
                        }
                        return [:]
                    }
                    guard answer.count < 1024 else { break }
                }
                throw HealthFailure("\(host):\(port) closed the connection without a greeting")
            }
        }
    }
}
