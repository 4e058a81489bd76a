import Foundation
import NIOHPACK
import PerchIngest
import PerchWire

/// How a call ended, as gRPC tells it.
///
/// Source: grpc/grpc, doc/PROTOCOL-HTTP2.md, "Responses".
struct GRPCStatus {
    var code: Int
    var message: String
    var retryAfterSeconds: Int?

    static let ok = GRPCStatus(code: 0, message: "")

    init(code: Int, message: String) {
        self.code = code
        self.message = message
    }

    init(_ refusal: Refusal) {
        code = refusal.grpcCode
        message = refusal.message
        retryAfterSeconds = refusal.retryAfterSeconds
    }

    /// The fields that end an answer.
    func add(to headers: inout HPACKHeaders) {
        headers.add(name: "grpc-status", value: String(code))
        guard code != 0 else { return }
        headers.add(name: "grpc-message", value: Self.percentEncoded(message))
        guard let retryAfterSeconds else { return }
        let details = OTLPResponse.error(
            code: code, message: message, retryAfterSeconds: retryAfterSeconds)
        // Binary fields are base64, which may come without padding.
        let text = Data(details).base64EncodedString().prefix { $0 != "=" }
        headers.add(name: "grpc-status-details-bin", value: String(text))
    }

    /// Printable ASCII but the percent sign as it is, everything else as `%XX`.
    static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if (0x20...0x7e).contains(byte), byte != UInt8(ascii: "%") {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
