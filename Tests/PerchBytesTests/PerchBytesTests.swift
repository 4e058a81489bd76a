// PerchBytesTests
