/// Which fields of a flat record say who sent it, by OpenTelemetry's resource conventions.
package enum SenderNames {
    /// Resource attributes that have names of their own in systems without dots.
    ///
    /// Source: OpenTelemetry semantic conventions 1.40, resources; the ones that Loki makes labels
    /// of are among them.
    static let attributes: [String] = [
        "service.name", "service.namespace", "service.instance.id", "service.version",
        "host.name", "host.id", "deployment.environment", "deployment.environment.name",
        "cloud.region", "cloud.availability_zone", "cloud.provider", "cloud.account.id",
        "container.name", "container.id", "container.image.name",
        "k8s.cluster.name", "k8s.namespace.name", "k8s.pod.name", "k8s.pod.uid",
        "k8s.container.name", "k8s.node.name", "k8s.deployment.name", "k8s.replicaset.name",
        "k8s.statefulset.name", "k8s.daemonset.name", "k8s.job.name", "k8s.cronjob.name",
        "telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version",
    ]

    /// The attribute that a label with underscores stands for; itself when it is none of ours.
    static func attribute(ofLabel label: String) -> String { byLabel[label] ?? label }

    /// Labels that name a service where none is called so, in the order in which they are asked.
    static let serviceLabels = [
        "service", "app", "application", "name", "app_kubernetes_io_name", "container",
        "container_name", "component", "workload", "job",
    ]

    private static let byLabel = Dictionary(
        uniqueKeysWithValues: attributes.map { ($0.replacing(".", with: "_"), $0) })
}
