// PerchAPI: the HTTP routes of the server, thin.
//
// A route reads parameters and limits the body, calls what does the work (PerchIngest for writes,
// the seams of PerchModel for reads), and writes the answer. It knows no store and no page.
//
// Read in this order: RequestContext, Middleware/ (what every request passes, in the order of
// `ServerState.guarded`), Ingest/IngestRoutes, Query/, Traces/, Jaeger/, Operator/, Telemetry/.
//
// A write:  IngestRoutes → BodyReader → IngestPipeline (decompress, decode, admit, append) → answer
// A read:   Dispatch → QueryRunner (turn, time, threads) → EventRoutes, SampleRoutes → a cursor of
//           the seam → NDJSON, streamed
//
// Invariants
//   1. No body is read without a limit and a deadline: BodyReader for telemetry, Forms for others.
//   2. A request stays on its connection's event loop (ConnectionTask) until it has work that takes
//      long: queries go to the threads of QueryRunner, large bodies and pages to the shared pool.
//   3. A query has a turn and a time limit, and ends when its reader is gone or takes nothing.
//   4. A failure is told without what it says of files; the log has the rest under the same id.
//
// Who may call what is decided in one place: `Access.door(method:path:)` maps a path to a door of
// PerchAccess, and Middleware/RequestGuard asks the `Authenticator`.
// Limits: Limits.swift, QueryLimits, and the configuration's; docs/operating/configuration.md.
