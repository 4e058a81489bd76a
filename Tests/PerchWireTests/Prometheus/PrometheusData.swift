import Foundation
import PerchCodec
import PerchModel
import PerchTestSupport

@testable import PerchWire

/// The recordings of Prometheus' protocols, which lie beside the checkout.
enum PrometheusData {
    /// Plain bodies recorded from a sender, in the order sent.
    static func remoteWrites(_ folder: String) throws -> [(file: String, body: [UInt8])] {
        let expected = try TestData.object("prometheus/\(folder)/expected.json")
        let requests = expected["requests"] as? [[String: Any]] ?? []
        return try requests.map { request in
            let file = request["file"] as? String ?? ""
            let packed = try TestData.bytes(
                "prometheus/\(folder)/\(file.replacing(".request.json", with: ".body"))")
            return (
                file, try Decompressor.decompress(packed, encoding: .snappy, limit: 64 << 20)
            )
        }
    }

    /// The labels as JSON that `expected.json` writes as its keys.
    static func key(_ labels: Labels) -> String {
        let pairs = labels.pairs.map { "\"\($0.name)\": \(quoted($0.value))" }
        return "{\(pairs.joined(separator: ", "))}"
    }

    private static func quoted(_ text: String) -> String {
        "\""
            + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n") + "\""
    }
}
