// Perch: what a Swift service adds to be observable.
//
//     let perch = try Perch.bootstrap()          // logs, metrics and traces of the whole process
//     let group = ServiceGroup(services: [perch, server], logger: Logger(label: "app"))
//
// It is the backend of swift-log, swift-metrics and swift-distributed-tracing; call sites use
// those. It works with Perch, any OTLP collector and Prometheus, and knows no server code.
//
// Read in this order: Bootstrap (configuration out of the environment), Context (whose work a
// task does), Logs, Metrics, Tracing, Export (OTLP/HTTP), Health, Jobs, Errors (reports), Symbols
// (functions and lines of addresses), Crash (reports of processes that died; the handler of
// signals is C, in `CPerchCrash`).
//
//     Logger  → LogEntry (merged, redacted, trimmed) → JSON line
//                                                    ↘ ExportQueue → OTLPExporter
//     Counter → MetricRegistry → ExpositionText, or every 60 s ↗
//     Span    → LocalTrace (kept, or dropped at its end)       ↗
//     Error   → ErrorReporter (readable, redacted) → a log line ↗, EnvelopeSender
//
// Invariants
//   1. Without an endpoint nothing is sent, and a span costs no more than its ids.
//   2. A collector that is slow or dead costs bounded memory and never a wait.
//   3. What leaves the process has passed Redaction.
