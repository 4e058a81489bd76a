// PerchFilesTests
