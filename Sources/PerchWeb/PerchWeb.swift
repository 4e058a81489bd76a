// PerchWeb: the pages.
//
// Values go in, HTML comes out, and the address holds the whole state of a page. It asks the stores
// through the seams of PerchModel, and knows no store; it checks no credential and hashes no
// password, which the server hands in as closures (``WebAccess``).
//
// Read in this order: HTML/Markup (the writer, escaping by default), HTML/Link, Format/,
// Queries/PageQueries (what pages ask), Components/Layout, Pages/ (a file a page),
// Routes/WebRoutes (the only folder that knows HTTP).
//
// A page:   WebRoutes → a state from the address (LogsState, …) → PageQueries → Pages → Markup
// An asset: WebRoutes → AssetTable → EmbeddedFiles (ours: CPerchAssets/client)
//
// Invariants
//   1. Text reaches a page only through Markup, which escapes it; addresses only through Link.
//   2. No page holds an inline script, an inline style or an address of another host, so the
//      content security policy `default-src 'self'` holds.
//   3. Every query is bounded by Limits, and a page says when a bound was reached.
//   4. Pages work without scripts; scripts refresh fragments and draw nicer charts.
//
// Limits: Limits.swift. Language of the search box: docs/search.md.
