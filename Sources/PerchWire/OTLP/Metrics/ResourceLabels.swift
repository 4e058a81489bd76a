import PerchModel

/// What of a resource or a scope stands in labels.
///
/// Source: OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility", "Resource
/// Attributes".
enum ResourceLabels {
    /// The labels of every series: `job` and `instance` where the sender gave what they are made
    /// of, and `service_name`.
    static func identity(of resource: Resource) -> [(name: String, value: String)] {
        var labels = [(name: "service_name", value: resource.service)]
        if let service = resource["service.name"]?.text, !service.isEmpty {
            let space = resource["service.namespace"]?.text ?? ""
            labels.append(("job", space.isEmpty ? service : "\(space)/\(service)"))
        }
        if let instance = resource["service.instance.id"]?.text {
            labels.append(("instance", instance))
        }
        return labels
    }

    /// The promoted attributes, by their own names.
    static func promoted(
        of resource: Resource, _ isPromoted: (String) -> Bool
    ) -> [(name: String, value: String)] {
        resource.attributes.filter { isPromoted($0.key) }.map { ($0.key, $0.value.text) }
    }

    /// The labels of the series `target_info`: all other attributes, or really all where the
    /// options say so.
    ///
    /// Empty when there are no others, or when nothing says which target they belong to.
    static func targetInfo(
        of resource: Resource, _ options: OTLPMetricsOptions
    ) -> [Resource.Attribute] {
        guard resource["service.name"] != nil || resource["service.instance.id"] != nil else {
            return []
        }
        let others = resource.attributes.filter {
            !["service.name", "service.namespace", "service.instance.id"].contains($0.key)
        }
        return options.keepsIdentity && !others.isEmpty ? resource.attributes : others
    }

    /// The labels that tell of the scope of a `ScopeMetrics`; none for a scope without a name.
    static func scope(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> [(name: String, value: String)] {
        let scope = try Scope.read(bytes, try Envelope.find(0x0a, bytes, in: range))
        guard !scope.name.isEmpty else { return [] }
        let schema = try Envelope.find(0x1a, bytes, in: range)
        var labels = scope.attributes.map { attribute in
            // `Scope` names them for records.
            let key = attribute.key.dropFirst("scope.".count)
            return (name: "otel_scope_\(key)", value: attribute.value.text)
        }
        labels.append(("otel_scope_name", LabelList.text(bytes, scope.name)))
        labels.append(("otel_scope_version", LabelList.text(bytes, scope.version)))
        labels.append(("otel_scope_schema_url", LabelList.text(bytes, schema)))
        return labels
    }
}
