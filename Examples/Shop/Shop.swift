// Shop: the demo application, a small backend that sends real telemetry.
//
// One process plays three services, each with a resource of its own: `shop-api` (products, carts,
// checkout, orders), `shop-payments` (a payment provider behind real HTTP) and `shop-worker` (a
// queue in SQLite and the steps that fulfil an order). A traffic generator visits the shop with a
// daily rhythm, and incidents come and go, so that charts, traces and logs have something to say.
//
// Read in this order: Process/Demo, API/ShopAPI, API/Checkout, Payments/PaymentsApp,
// Worker/Worker, Traffic/TrafficGenerator, Telemetry/Telemetry.
//
// A request:   Visitor → RequestTelemetry → ShopAPI → TracedDatabase, PaymentsClient
// A job:       JobQueue.enqueue → Worker → JobSteps, linked to the span that enqueued it
// Telemetry:   Telemetry → Recorder (bounded, drops and counts) → Exporter → OTLP over HTTP
//
// Invariants
//   1. Telemetry never waits: recording is an append under a lock, and a full buffer drops.
//   2. The shop listens on the loopback address only.
//   3. With one seed the visits and the incidents are the same in every run.
//
// Settings: Process/Options.swift. Limits: Process/Limits.swift. Guide: docs/demo.md.
