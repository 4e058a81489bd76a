// PerchBytes
