// PerchLogQL: the language of the search box.
//
// It turns what a person types, `service:api level:error "timed out" status>=500`, into an
// ``EventPredicate`` that any ``EventSource`` understands. It reads no data and knows no store.
//
// Read in this order: Search/: SearchParser, SearchLexer, SearchTerm (what a field and its value
// mean), SearchField (what applies to any field), SearchQuantity, SearchTime, SearchPattern,
// SearchFailure. LogLevel (severity ranges and names).
//
//     text → SearchLexer (tokens with positions) → SearchParser (and, or, not, times)
//          → SearchTerm (aliases such as `service`, `level`, `status`) → EventPredicate
//
// Invariants
//   1. Any text either parses or throws a SearchFailure with a position; nothing traps.
//   2. Work and depth are bounded by Limits.
//
// Language: docs/search.md. Limits: Limits.swift.
