// PerchIngest
