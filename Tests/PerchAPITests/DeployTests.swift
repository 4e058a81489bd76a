import HTTPTypes
import PerchModel
import Testing

@testable import PerchAPI

/// What deploys are told with (RUN-4).
@Suite struct DeployTests {
    private struct Fields: DeployFields {
        var values: [String: String]

        func text(_ name: String) -> String? { values[name] }
    }

    @Test func aDeployHasServiceAndVersion() throws {
        let deploy = try DeployRoutes.deploy(
            Fields(values: ["service": "api", "version": "1.2", "time": "1790000000"]), now: 5)
        #expect(
            deploy
                == Deploy(timeNanos: 1_790_000_000_000_000_000, service: "api", version: "1.2"))
        let now = try DeployRoutes.deploy(
            Fields(values: ["service": "api", "version": "1", "link": "https://ci/1"]), now: 5)
        #expect(now.timeNanos == 5)
        #expect(now.link == "https://ci/1")
    }

    @Test(arguments: [
        (["version": "1"], "service"), (["service": "api"], "version"),
        (["service": "api", "version": "1", "link": "javascript:alert(1)"], "link"),
        (["service": "api", "version": "1", "time": "yesterday-ish"], "time"),
        (["service": String(repeating: "a", count: 2_000), "version": "1"], "service"),
    ])
    func aMistakeNamesItsField(_ values: [String: String], _ field: String) {
        let problem = #expect(throws: Problem.self) {
            _ = try DeployRoutes.deploy(Fields(values: values), now: 5)
        }
        #expect(problem?.message.hasPrefix(field) == true)
        #expect(problem?.status == .badRequest)
    }
}
