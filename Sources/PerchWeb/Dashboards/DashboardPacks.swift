/// The dashboards that come with the server: the files under `packs/`, linked into the binary.
package enum DashboardPacks {
    static let prefix = "packs/"

    /// By name, without folder and ending.
    package static let all: [(name: String, bytes: [UInt8])] = EmbeddedFiles.names
        .filter { $0.hasPrefix(prefix) }
        .compactMap { file in
            let name = file.split(separator: "/").last.map {
                String($0.replacing(".json", with: ""))
            }
            return EmbeddedFiles.find(file).map { (name ?? file, $0) }
        }
}
