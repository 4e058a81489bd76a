// PerchPromQLTests: Prometheus' own scripts, what they leave out (messages, text, limits), and the
// answers as clients read them.
//
// The scripts lie in the shared test data; without it those tests are skipped. A script of our own,
// Scripts/perch.test, covers what Prometheus' scripts do not.
