import CPerchAssets

/// The files for browsers that are linked into the binary: ours, and those of other authors, which a
/// plain `swift build` lacks.
package enum EmbeddedFiles {
    /// The bytes of a file, or nil when this binary was built without it.
    package static func find(_ name: String) -> [UInt8]? { files[name] }

    /// The names of all files.
    package static var names: [String] { files.keys.sorted() }

    // Read once, byte by byte: 250 KB at the first page, and no pointer leaves C.
    private static let files: [String: [UInt8]] = {
        var files: [String: [UInt8]] = [:]
        for index in 0..<perch_asset_count() {
            let name = (0..<perch_asset_name_length(index)).map { perch_asset_name_byte(index, $0) }
            let bytes = (0..<perch_asset_length(index)).map { perch_asset_byte(index, $0) }
            files[String(decoding: name, as: UTF8.self)] = bytes
        }
        return files
    }()
}
