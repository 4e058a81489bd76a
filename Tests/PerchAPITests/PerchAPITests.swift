// PerchAPITests: what the routes are made of, over stores in memory; the routes themselves are
// tested in EndToEndTests.
