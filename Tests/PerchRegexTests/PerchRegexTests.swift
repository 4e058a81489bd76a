// PerchRegexTests: every quick way against RE2, and its limits.
