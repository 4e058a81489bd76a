/// The functions that a template may call.
///
/// Source: Grafana Loki, "Template functions"; Go, text/template.
enum TemplateFunction: String, Sendable, CaseIterable {
    // Go's own.
    case and, or, not, len, index, slice, print, println, printf, html, js, urlquery
    case equal = "eq"
    case notEqual = "ne"
    case less = "lt"
    case lessOrEqual = "le"
    case greater = "gt"
    case greaterOrEqual = "ge"
    // The line.
    case line = "__line__"
    case timestamp = "__timestamp__"
    // Text.
    case toLower = "ToLower"
    case toUpper = "ToUpper"
    case replaceOld = "Replace"
    case trimSet = "Trim"
    case trimLeft = "TrimLeft"
    case trimRight = "TrimRight"
    case trimPrefixOld = "TrimPrefix"
    case trimSuffixOld = "TrimSuffix"
    case trimSpace = "TrimSpace"
    case lower, upper, title, trunc, substr, contains, indent, nindent, replace, trim, trimAll
    case repeated = "repeat"
    case hasPrefix, hasSuffix, trimPrefix, trimSuffix
    case alignLeft, alignRight
    case regexReplaceAll, regexReplaceAllLiteral, count
    case urlencode, urldecode, b64enc, b64dec
    case fromJson
    case defaulted = "default"
    // Numbers.
    case int, add, sub, mul, div, mod, addf, subf, mulf, divf, modf, max, min, maxf, minf
    case ceil, floor, round, float64
    // Times and sizes.
    case bytes, duration
    case durationSeconds = "duration_seconds"
    case now, date, toDate, toDateInZone, unixEpoch, unixEpochMillis, unixEpochNanos, unixToTime
}
