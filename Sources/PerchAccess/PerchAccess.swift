// PerchAccess: who may do what.
//
// Keys for programs, users and sessions for people, and the decision whether a request may pass.
// It knows no HTTP types (PerchAPI hands it strings) and no database (AccessStore of PerchModel).
//
// Read in this order: Rights, Authenticator (the decision), AccessService (keys, users, sessions),
// SecretHash, HashWorker (scrypt, one at a time), AttemptLimiter, HostCheck, OriginCheck.
//
// Invariants
//   1. No secret is stored or logged: only hashes are (scrypt for what people choose or keep,
//      SHA-256 for random session tokens).
//   2. Secrets are compared in constant time, and never by `==` on strings.
//   3. A credential that was presented and is wrong is refused, even where loopback needs none.
//   4. Guessing is bounded: attempts count before they are checked, and scrypt runs one at a time.
//
// Locks: Authenticator.state, AccessService.state, HashWorker.waiting, each alone.
// Limits: Limits.swift.
// Source of the rules: the design, section 11; for operators docs/operating/access.md.
