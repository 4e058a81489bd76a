// PerchDashboards: Grafana's dashboard JSON in, values to draw out.
//
// Pure: no requests, no clock, no HTML. It reads a file of any schema version, asks its caller for
// the values of variables and the answers of queries, and makes of them what a page draws. What it
// cannot draw becomes a notice that says what and why; a panel never fails the page.
//
// Read in this order:
//   Reading    Dashboard, Panel, GridPosition, DashboardRow, DashboardLayout
//   Variables  Variable, VariableQuestion, VariableState, Interpolation, ValueFormat
//   Queries    PanelTarget, PanelQuery, PanelQuestions, QueryInterval, PanelData
//   Frames     Frame, Field, Column, FrameMaker, transformations
//   Units      UnitFormat, UnitTable
//   Fields     FieldConfig, FieldStyle, Thresholds, ValueMapping, DisplayValue, Palette
//   Content    PanelContent and one maker a kind
//
// A page:  Dashboard.init(reading:) → VariableState.resolve (the caller answers questions)
//          → DashboardLayout.sections (repeats) → PanelQuestions (the caller runs the queries)
//          → PanelContent.make
//
// Invariants
//   1. Whatever the bytes, reading ends in a value or a failure with a position; nothing traps.
//   2. The text of a dashboard is kept as it came, so an export is what was imported.
//   3. Text in a value is text: whoever draws it escapes it.
//   4. Patterns from a file run on PerchRegex alone.
