// PerchWeb
