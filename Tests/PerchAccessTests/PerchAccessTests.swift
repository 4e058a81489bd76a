// PerchAccessTests
