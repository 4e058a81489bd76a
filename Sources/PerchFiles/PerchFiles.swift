// PerchFiles
