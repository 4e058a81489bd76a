import AsyncHTTPClient
import Foundation
import NIOHTTP1
import NIOSSL
import PerchServer
import Testing

/// HTTPS on the listeners, and a certificate that changes while the server runs.
///
/// The two pairs in Certificates/ are self-signed, for localhost, made for these tests only.
@Suite struct TLSTests {
    @Test func servesHTTPSAndTakesANewCertificate() async throws {
        let folder = try TemporaryFolder()
        try Self.install("one", in: folder.path)
        let certificate = folder.path + "/server.pem"
        let key = folder.path + "/server.key"
        let path = folder.path
        try await InProcess.run(
            dataPath: folder.path + "/data",
            change: {
                $0.tlsCertificate = certificate
                $0.tlsKey = key
            }
        ) { (running, address) async throws in
            #expect(address.hasPrefix("https://"))
            let first = try await Self.get(address + "/-/ready", trusting: "one")
            #expect(first?.status == 200)
            #expect(first?.headers.first(name: "Strict-Transport-Security") != nil)
            #expect(try await Self.get(address + "/-/ready", trusting: "two") == nil)
            try Self.install("two", in: path)
            let reload = try await Self.post(address + "/-/reload", trusting: "one")
            #expect(reload == 200)
            #expect(try await Self.get(address + "/-/ready", trusting: "two")?.status == 200)
            // Plain HTTP at a TLS port is no way in.
            let plain = "http://127.0.0.1:\(running.address.port)/-/ready"
            let status = try? await HTTP.get(plain).status
            #expect(status == nil)
        }
    }

    @Test func anAddressBeyondLoopbackNeedsTLS() throws {
        var configuration = PerchConfiguration()
        configuration.listen = ListenAddress(host: "0.0.0.0", port: 9_700)
        #expect(throws: ConfigurationFailure.self) { try configuration.check() }
        configuration.behindProxy = true
        try configuration.check()
        configuration.behindProxy = false
        configuration.tlsCertificate = "a.pem"
        configuration.tlsKey = "a.key"
        try configuration.check()
        configuration.auth = .none
        #expect(throws: ConfigurationFailure.self) { try configuration.check() }
    }

    private static func install(_ name: String, in folder: String) throws {
        for (suffix, target) in [("pem", "server.pem"), ("key", "server.key")] {
            let data = try Data(contentsOf: file(name, suffix))
            try data.write(to: URL(filePath: folder + "/" + target))
        }
    }

    private static func file(_ name: String, _ suffix: String) -> URL {
        Repository.root.appending(path: "Tests/EndToEndTests/Certificates/\(name).\(suffix)")
    }

    /// The answer, or nil when the server's certificate is another one.
    private static func get(_ address: String, trusting name: String) async throws -> HTTP.Answer? {
        try await withClient(trusting: name) { client in
            do {
                return try await HTTP.send("GET", address, client: client)
            } catch is NIOSSLError {
                return nil
            } catch let error as NIOSSLExtraError where error == .failedToValidateHostname {
                return nil
            }
        }
    }

    private static func post(_ address: String, trusting name: String) async throws -> Int? {
        try await withClient(trusting: name) { client in
            try await HTTP.send("POST", address, body: [], client: client).status
        }
    }

    private static func withClient<Value>(
        trusting name: String, _ body: (HTTPClient) async throws -> Value
    ) async throws -> Value {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMFile(file(name, "pem").path()))
        let client = HTTPClient(configuration: .init(tlsConfiguration: tls))
        do {
            let value = try await body(client)
            try await client.shutdown()
            return value
        } catch {
            try await client.shutdown()
            throw error
        }
    }
}
