// PerchEvents
