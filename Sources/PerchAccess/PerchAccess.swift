// PerchAccess
