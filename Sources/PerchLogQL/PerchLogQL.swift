// PerchLogQL
