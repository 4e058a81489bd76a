// PerchCodecTests: every encoding both ways, its limit, and damaged input.
