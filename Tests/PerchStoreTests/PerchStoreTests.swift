// PerchStoreTests
