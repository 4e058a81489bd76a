/// What the demo says about one of its services.
struct ServiceResource: Sendable, Hashable {
    let name: String
    let version: String
    let instance: String

    var attributes: Attributes {
        [
            "service.name": .string(name),
            "service.namespace": "shop",
            "service.version": .string(version),
            "service.instance.id": .string(instance),
            "deployment.environment.name": "demo",
            "telemetry.sdk.language": "swift",
            "telemetry.sdk.name": "shop-demo",
            "telemetry.sdk.version": "1.0.0",
        ]
    }
}
