// PerchLogQLTests
