// PerchTesting: what an application's tests use to see what it tells.
//
//     let told = TelemetryRecorder()
//     let app = Shop(perch: told.perch)          // instead of the service of the process
//     try await app.checkout()
//     try told.expectLog("Order placed", fields: ["shop_id": "nord"])
//     try told.expectMetric("orders_total", ["status": "completed"], equals: 1)
//     try told.expectSpan("checkout")
//     try told.expectNothing(contains: "ann@example.org")
//
// Expectations throw an error that lists what was told, so they work in Swift Testing and XCTest.
//
// Read in this order: TelemetryRecorder (what was told), Expectations.
//
// Invariants
//   1. Nothing leaves the process, and nothing is written to its output.
//   2. What a test sees went through the redaction, trimming and sampling of the options.
