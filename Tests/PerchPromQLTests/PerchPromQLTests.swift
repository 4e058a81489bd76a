// PerchPromQLTests: Prometheus' own scripts, the parser, and limits.
