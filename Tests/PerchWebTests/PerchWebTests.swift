// PerchWebTests
