// PerchAPI: the HTTP routes of the server, thin.
//
// A route reads parameters and limits the body, calls what does the work (PerchIngest for writes,
// the seams of PerchModel for reads), and writes the answer. It knows no store and no page.
//
// Read in this order: RequestContext, Middleware/ (what every request passes, in the order of
// `PerchServer`), Ingest/IngestRoutes, Query/, Operator/, Telemetry/.
//
// A write:  IngestRoutes → IngestPipeline (decompress, decode, admit, append) → answer
// A read:   EventRoutes, SampleRoutes → a cursor of the seam → NDJSON, streamed
//
// Who may call what is decided in one place: `Access.door(of:)` maps a path to a door of
// PerchAccess, and Middleware/Authentication asks the `Authenticator`.
// Limits: the configuration's; see docs/operating/configuration.md.
