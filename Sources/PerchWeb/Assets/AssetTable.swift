/// One file under `/assets`.
package struct Asset: Sendable, Hashable {
    package var name: String
    package var contentType: String
    package var bytes: [UInt8]
    /// Changes with the content, so that addresses with it can be kept for a year.
    package var version: String

    init(name: String, contentType: String, bytes: [UInt8]) {
        self.name = name
        self.contentType = contentType
        self.bytes = bytes
        // FNV-1a: it tells versions of our own files apart and protects nothing.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        version = String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Every file under `/assets`: ours, and those of others that this binary was built with.
package enum AssetTable {
    static let stylesheet = "perch.css"
    static let script = "perch.js"
    static let icon = "perch.svg"
    static let htmx = "htmx-2.min.js"
    static let chartScript = "uPlot.iife.js"
    static let chartStylesheet = "uPlot.min.css"

    /// The file of this name, or nil.
    ///
    /// Licences stand on their own page.
    package static func find(_ name: String) -> Asset? { files[name] }

    /// The address of a file with its version, or nil when this binary has no such file.
    static func link(_ name: String) -> Link? {
        files[name].map { Link("/assets", segment: name, query: [("v", $0.version)]) }
    }

    /// Whether charts and fragments have what they need.
    static var hasVendorAssets: Bool { files[htmx] != nil && files[chartScript] != nil }

    private static let files: [String: Asset] = {
        var files = [
            Asset(name: icon, contentType: "image/svg+xml", bytes: Array(Icons.favicon.utf8))
        ]
        for name in EmbeddedFiles.names {
            guard let bytes = EmbeddedFiles.find(name) else { continue }
            if name.hasSuffix(".js") {
                files.append(
                    Asset(name: name, contentType: "text/javascript; charset=utf-8", bytes: bytes))
            } else if name.hasSuffix(".css") {
                files.append(
                    Asset(name: name, contentType: "text/css; charset=utf-8", bytes: bytes))
            }
        }
        return Dictionary(files.map { ($0.name, $0) }) { first, _ in first }
    }()
}
