// PerchIngestTests
