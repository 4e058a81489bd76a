// PerchBytesTests: known rows, every prefix, and the plain paths as oracles of the fast ones.
