/// One address that is scraped, after relabeling.
package struct ScrapeTarget: Sendable, Equatable {
    /// The labels that its samples get.
    package var labels: LabelSet
    /// All labels before relabeling, for the pages that show where a target comes from.
    package var discovered: LabelSet
    package var url: String
    package var intervalNanos: Int64
    package var timeoutNanos: Int64

    /// What tells it from others: the same after a reload is the same target.
    package var key: String {
        let pairs = labels.sorted.map { "\($0.name)=\($0.value)" }.joined(separator: "\u{1f}")
        return "\(url)\u{1e}\(pairs)"
    }
}

/// What became of one discovered address.
package enum TargetOutcome: Sendable, Equatable {
    case target(ScrapeTarget)
    /// Relabeling dropped it.
    case dropped(LabelSet)
    /// It cannot be scraped, with the reason.
    case refused(LabelSet, String)
}

extension ScrapeJob {
    /// The targets of a group, as Prometheus makes them (`scrape/target.go`).
    package func targets(of group: TargetGroup) -> [TargetOutcome] {
        group.addresses.map { address in
            var labels = group.labels
            labels["__address__"] = address
            return target(labels)
        }
    }

    private func target(_ discovered: LabelSet) -> TargetOutcome {
        var labels = discovered
        let defaults = [
            ("job", name), ("__scrape_interval__", ScrapeText.text(ofNanos: intervalNanos)),
            ("__scrape_timeout__", ScrapeText.text(ofNanos: timeoutNanos)),
            ("__metrics_path__", metricsPath), ("__scheme__", scheme),
        ]
        for (name, value) in defaults where labels[name].isEmpty { labels[name] = value }
        for (name, values) in parameters {
            if let value = values.first { labels["__param_\(name)"] = value }
        }
        let before = labels
        guard targetRules.apply(to: &labels) else { return .dropped(before) }
        let address = labels["__address__"]
        guard !address.isEmpty else { return .refused(before, "no address") }
        guard !address.contains("/"), address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            return .refused(before, "\"\(address)\" is not a valid hostname")
        }
        guard let interval = ScrapeText.duration(labels["__scrape_interval__"]),
            interval >= ScrapeLimits.intervalNanosMin
        else { return .refused(before, "error parsing scrape interval") }
        guard let timeout = ScrapeText.duration(labels["__scrape_timeout__"]), timeout > 0 else {
            return .refused(before, "error parsing scrape timeout")
        }
        guard timeout <= interval else {
            return .refused(before, "scrape timeout cannot be greater than scrape interval")
        }
        let url = url(labels, address)
        labels.removeAll { $0.hasPrefix("__meta_") }
        if labels["instance"].isEmpty { labels["instance"] = address }
        labels.removeAll { $0.hasPrefix("__") }
        return .target(
            ScrapeTarget(
                labels: labels, discovered: before, url: url, intervalNanos: interval,
                timeoutNanos: timeout))
    }

    private func url(_ labels: LabelSet, _ address: String) -> String {
        var path = labels["__metrics_path__"]
        if !path.hasPrefix("/") { path = "/" + path }
        var query: [(name: String, value: String)] = []
        for (name, values) in parameters {
            // The first value is a label, which relabeling may have changed.
            for value in values.dropFirst() { query.append((name, value)) }
        }
        for (name, value) in labels.sorted where name.hasPrefix("__param_") {
            let name = String(name.dropFirst("__param_".count))
            let place = query.firstIndex { $0.name == name } ?? query.count
            query.insert((name, value), at: place)
        }
        let text = query.map { "\(Self.escaped($0.name))=\(Self.escaped($0.value))" }
            .joined(separator: "&")
        let separator = path.contains("?") ? "&" : "?"
        return "\(labels["__scheme__"])://\(address)\(path)"
            + (text.isEmpty ? "" : separator + text)
    }

    /// The text with all but unreserved characters as percent signs (RFC 3986).
    private static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            let isLetter = (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
            let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            if isLetter || isDigit || "-._~".utf8.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                result += "%" + (byte < 16 ? "0" : "") + hex
            }
        }
        return result
    }
}
