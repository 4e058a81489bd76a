import Foundation
import NIOCore
package import NIOSSL
import Synchronization

/// The certificate of the TLS listeners, replaceable while connections are open.
package final class CertificateSource: Sendable {
    private struct State {
        var contexts: Contexts
        var stamps: [Int]
    }

    /// One certificate, offered for two protocols.
    private struct Contexts {
        var http: NIOSSLContext
        /// Names HTTP/2 alone (ALPN, RFC 7301): without that a gRPC client does not go on.
        var grpc: NIOSSLContext
    }

    private let certificatePath: String
    private let keyPath: String
    private let state: Mutex<State>

    /// Reads both PEM files.
    package init(certificatePath: String, keyPath: String) throws {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        state = Mutex(
            State(
                contexts: try Self.load(certificatePath, keyPath),
                stamps: Self.stamps(certificatePath, keyPath)))
    }

    /// What new connections use.
    package var context: NIOSSLContext {
        state.withLock { $0.contexts.http }
    }

    /// What new connections of gRPC use.
    var grpcContext: NIOSSLContext {
        state.withLock { $0.contexts.grpc }
    }

    /// Reads the files again when they have changed; answers whether they had.
    ///
    /// A pair that does not load leaves the old one in use and throws.
    package func reloadIfChanged() throws -> Bool {
        let stamps = Self.stamps(certificatePath, keyPath)
        guard stamps != state.withLock({ $0.stamps }) else { return false }
        // Remembered first, so that a broken pair is reported once and not at every look.
        state.withLock { $0.stamps = stamps }
        let contexts = try Self.load(certificatePath, keyPath)
        state.withLock { $0.contexts = contexts }
        return true
    }

    private static func load(_ certificatePath: String, _ keyPath: String) throws -> Contexts {
        let certificates = try NIOSSLCertificate.fromPEMFile(certificatePath)
        let key = try NIOSSLPrivateKey(file: keyPath, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        // A client that does not say goodbye must not hold up a stop.
        configuration.shutdownTimeout = .seconds(1)
        let http = try NIOSSLContext(configuration: configuration)
        configuration.applicationProtocols = ["h2"]
        return Contexts(http: http, grpc: try NIOSSLContext(configuration: configuration))
    }

    /// Size, inode and time of change of both files; a file that cannot be read counts as changed.
    private static func stamps(_ paths: String...) -> [Int] {
        paths.flatMap { path -> [Int] in
            guard let values = try? FileManager.default.attributesOfItem(atPath: path) else {
                return [-1]
            }
            let changed = (values[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            return [
                (values[.size] as? NSNumber)?.intValue ?? 0,
                (values[.systemFileNumber] as? NSNumber)?.intValue ?? 0, Int(changed * 1_000),
            ]
        }
    }
}
