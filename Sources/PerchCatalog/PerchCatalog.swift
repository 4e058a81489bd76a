// PerchCatalog: all small mutable state, as rows of one SQLite file.
//
// Read in this order: Catalog (opening, migrations), Catalog+Access (keys, people), Catalog+Pages
// (documents, deploys).
//
// Invariants
//   1. A commit is on disk when it returns: WAL with `synchronous = FULL`.
//   2. Migrations only go forward; a file of a newer version is refused.
//
// Format: docs/format/catalog.md.
