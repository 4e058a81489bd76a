// PerchServer
