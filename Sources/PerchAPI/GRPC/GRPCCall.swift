import NIOCore
import NIOHPACK
import PerchAccess
import PerchIngest
import PerchWire

/// What the headers of a call say.
package struct GRPCCall: Sendable {
    /// The encodings of messages that are read.
    static let encodings = ["gzip", "deflate", "zstd"]
    /// As they are told to clients.
    static let acceptedEncodings = (["identity"] + encodings).joined(separator: ",")

    let path: String
    /// Whether it is a call at all.
    let isGRPC: Bool
    let encoding: String?
    let timeout: Duration?
    let credential: PresentedCredential

    /// The method, when it is one of ours.
    var signal: OTLPSignal? { OTLPSignal.allCases.first { $0.grpcPath == path } }

    init(_ headers: HPACKHeaders, peer: SocketAddress?) {
        path = headers.first(name: ":path") ?? ""
        let type = (headers.first(name: "content-type") ?? "").prefix { $0 != ";" }.lowercased()
        isGRPC =
            headers.first(name: ":method") == "POST"
            && (type == "application/grpc" || type == "application/grpc+proto")
        encoding = headers.first(name: "grpc-encoding")?.lowercased()
        timeout = GRPCTimeout.read(headers.first(name: "grpc-timeout"))
        let old = headers.first(name: "x-forwarded-for")
        let new = headers.first(name: "forwarded")
        credential = PresentedCredential(
            authorization: headers.first(name: "authorization"), peer: peer?.ipAddress,
            // As for HTTP: both at once are taken for none that can be believed.
            forwardedFor: old != nil && new != nil ? "contradicting" : old ?? new)
    }

    /// The content encoding of a message; what is not known is told with what is.
    func encoding(of message: GRPCMessage) throws(Refusal) -> String? {
        guard message.isCompressed else { return nil }
        guard let encoding, encoding != "identity" else {
            throw Refusal(
                status: 400, reason: .malformed,
                message: "the message is marked as compressed, but there is no grpc-encoding")
        }
        guard Self.encodings.contains(encoding) else {
            throw Refusal(
                status: 501, reason: .unsupportedType,
                message: "expected grpc-encoding \(Self.acceptedEncodings)")
        }
        return encoding
    }
}
