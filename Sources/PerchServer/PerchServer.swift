// PerchServer: the composition root, from a configuration to a running, stoppable server.
//
// Read in this order: Server (the whole life on one screen), Stores, Listeners/, Router,
// Configuration/, Telemetry/.
//
// Start: lock the folder, open the catalog, open the stores (replay), open the listeners, ready.
// Stop, in reverse: not ready, listeners drain, stores write what waits, catalog, the lock.
//
// Invariants
//   1. Nothing is acknowledged after the stores began to close: the listeners are gone by then.
//   2. A configuration that does not read leaves the one before in force.
//
// This target alone gives defaults for clocks, files and randomness.
