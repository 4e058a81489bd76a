// Shop: the demo application, a small backend that sends real telemetry.
//
// One process plays three services, each with a resource of its own: `shop-api` (products, carts,
// checkout, orders), `shop-payments` (a payment provider behind real HTTP) and `shop-worker` (a
// queue in SQLite and the steps that fulfil an order). A traffic generator visits the shop with a
// daily rhythm, and incidents come and go, so that charts, traces and logs have something to say.
//
// Read in this order: Process/Observability (the SDK, set up), Process/Demo, API/ShopAPI,
// API/Checkout, Payments/PaymentsApp, Worker/Worker, Traffic/TrafficGenerator.
//
// A request:   Visitor → `router.observe(with: perch)` → ShopAPI → TracedDatabase, PaymentsClient
// A job:       JobQueue.enqueue → Worker → `perch.jobs.run` → JobSteps, linked to the span that enqueued it
// Telemetry:   `perch.logger`, `.tracer`, `.business`, `.operations`, … → OTLP over HTTP
//
// Invariants
//   1. Telemetry never waits: all that the services tell goes through the SDK, which is bounded.
//   2. The shop listens on the loopback address only.
//   3. With one seed the visits and the incidents are the same in every run.
//
// Settings: Process/Options.swift. Limits: Process/Limits.swift. Guide: docs/demo.md.
