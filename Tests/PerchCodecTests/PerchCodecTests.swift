// PerchCodecTests
