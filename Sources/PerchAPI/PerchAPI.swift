// PerchAPI
