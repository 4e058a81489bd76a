import PerchDashboards
import Testing

@testable import PerchWeb

@Suite struct DashboardCacheTests {
    private static func bytes(_ title: String) -> [UInt8] {
        Array(#"{"title": "\#(title)", "panels": []}"#.utf8)
    }

    @Test func aFileIsKnownByItsBytes() throws {
        let cache = DashboardCache()
        for index in 0..<(Limits.parsedDashboardsMax + 10) {
            let title = "t\(index)"
            #expect(try cache.dashboard(Self.bytes(title)).title == title)
            #expect(try cache.dashboard(Self.bytes("kept")).title == "kept")
            #expect(try cache.dashboard(Self.bytes(title)).title == title)
        }
        #expect(throws: DashboardFailure.self) { try cache.dashboard([0x7b]) }
    }
}
