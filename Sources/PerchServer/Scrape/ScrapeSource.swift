import Foundation
import Logging
import PerchIngest
import PerchWire

/// The file that says what is scraped.
enum ScrapeSource {
    /// The most bytes of such a file.
    private static let byteCountMax = 4 << 20

    /// What is asked for, and the file as it may be shown.
    struct Found {
        var settings = ScrapeSettings()
        var text = ""

        /// The way of OTLP's metrics: that of the configuration where it says anything of it, else
        /// that of the file.
        func otlpMetrics(_ configuration: PerchConfiguration) -> OTLPMetricsOptions {
            configuration.ownOTLPMetrics ?? settings.otlp ?? OTLPMetricsOptions()
        }

        /// Tells the log what of the file has no effect.
        func tellNotes(_ logger: Logger) {
            for note in settings.notes {
                logger.notice("prometheus file", metadata: ["note": "\(note)"])
            }
        }
    }

    /// What the configuration's file asks for; nothing where none is named.
    static func read(
        _ configuration: PerchConfiguration
    ) throws(ConfigurationFailure) -> Found {
        guard let path = configuration.prometheusFile else { return Found() }
        let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        do {
            let bytes = try ScrapeFileReader().bytes(path, byteCountMax: byteCountMax)
            let settings = try ScrapeSettings(
                prometheusFile: SettingsYAML.node(bytes),
                folder: folder.hasSuffix("/") ? String(folder.dropLast()) : folder)
            return Found(settings: settings, text: try ShownYAML.text(bytes))
        } catch let mistake as SettingsMistake {
            throw ConfigurationFailure(
                place: "\(path):\(mistake.line):\(mistake.column)", message: mistake.message)
        } catch let failure as ScrapeFailure {
            throw ConfigurationFailure(key: "prometheus", message: failure.message)
        } catch {
            throw ConfigurationFailure(place: path, message: "YAML: \(error)")
        }
    }
}
