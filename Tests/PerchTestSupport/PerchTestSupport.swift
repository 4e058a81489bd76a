// PerchTestSupport
