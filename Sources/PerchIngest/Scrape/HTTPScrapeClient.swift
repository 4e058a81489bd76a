import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// Asks targets over the network.
///
/// Targets with the same TLS settings share connections, which stay open between scrapes.
package final class HTTPScrapeClient: ScrapeClient {
    /// What a client of the library is made for.
    private struct Kind: Hashable {
        var tls: ScrapeTransport.TLS
        var followsRedirects: Bool
        var usesHTTP2: Bool
    }

    private let clients = Mutex<[Kind: HTTPClient]>([:])

    package init() {}

    package func get(
        _ request: ScrapeRequest
    ) async throws(ScrapeFailure) -> ScrapeResponse {
        let client = try client(
            Kind(
                tls: request.transport.tls, followsRedirects: request.transport.followsRedirects,
                usesHTTP2: request.transport.usesHTTP2))
        var message = HTTPClientRequest(url: request.url)
        for (name, value) in request.headers { message.headers.add(name: name, value: value) }
        do {
            let response = try await client.execute(
                message, timeout: .nanoseconds(request.timeoutNanos))
            let body = try await response.body.collect(upTo: request.bodyByteCountMax)
            return ScrapeResponse(
                status: Int(response.status.code),
                contentType: response.headers.first(name: "content-type"),
                contentEncoding: response.headers.first(name: "content-encoding"),
                body: Array(body.readableBytesView))
        } catch is NIOTooManyBytesError {
            throw ScrapeFailure.tooLong
        } catch let error as HTTPClientError
            where error == .deadlineExceeded || error == .connectTimeout || error == .readTimeout
        {
            throw ScrapeFailure("context deadline exceeded")
        } catch {
            throw ScrapeFailure("\(error)")
        }
    }

    /// Closes all connections; asking afterwards opens new ones.
    package func shutdown() async {
        let open = clients.withLock { clients in
            defer { clients = [:] }
            return clients.values.map { $0 }
        }
        for client in open { try? await client.shutdown() }
    }

    private func client(_ kind: Kind) throws(ScrapeFailure) -> HTTPClient {
        if let client = clients.withLock({ $0[kind] }) { return client }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try Self.tls(kind.tls),
            redirectConfiguration: kind.followsRedirects
                ? .follow(max: ScrapeLimits.redirectsMax, allowCycles: false) : .disallow)
        // A refused connection is an answer: the target is down.
        configuration.connectionPool.retryConnectionEstablishment = false
        if !kind.usesHTTP2 { configuration.httpVersion = .http1Only }
        let made = configuration
        return clients.withLock { clients in
            if let client = clients[kind] { return client }
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: made)
            clients[kind] = client
            return client
        }
    }

    private static func tls(
        _ settings: ScrapeTransport.TLS
    ) throws(ScrapeFailure) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let version = version(settings.versionMin) { tls.minimumTLSVersion = version }
        tls.maximumTLSVersion = version(settings.versionMax)
        if settings.isUnchecked { tls.certificateVerification = .none }
        do {
            if let file = settings.authorityFile {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
            }
            if let file = settings.certificateFile {
                tls.certificateChain = try NIOSSLCertificate.fromPEMFile(file)
                    .map { .certificate($0) }
            }
            if let file = settings.keyFile {
                tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: file, format: .pem))
            }
        } catch {
            throw ScrapeFailure("TLS files of the target: \(error)")
        }
        return tls
    }

    private static func version(_ name: String?) -> TLSVersion? {
        switch name {
        case "TLS10": .tlsv1
        case "TLS11": .tlsv11
        case "TLS12": .tlsv12
        case "TLS13": .tlsv13
        default: nil
        }
    }
}
