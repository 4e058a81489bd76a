// PerchWire: other people's bytes, already decompressed, into columns.
//
// A folder a protocol. Each decoder reads a whole body and gives a batch, or throws where and why it
// could not; it keeps no state, does no I/O and reads no clock. Values go from the body straight
// into the batch's columns: no tree of objects, and no string a value.
//
// Read in this order: WireFailure, Limits, Protobuf/ProtoCursor, OTLP/AnyValue, OTLP/OTLPLogs,
// OTLP/OTLPTraces, OTLP/OTLPMetrics, JSON/JSONReader, OTLP/JSON/Transcoder, JSONLines/JSONLines,
// Prometheus/RemoteWrite, Prometheus/Exposition.
//
// Invariants
//   1. No input traps, and none makes more memory than Limits allows.
//   2. A body is taken whole or not at all; only single records are refused by rules of the
//      protocol, and those are counted.
//   3. OTLP/JSON is rewritten as protobuf first, so both have the one reader and cannot differ.
