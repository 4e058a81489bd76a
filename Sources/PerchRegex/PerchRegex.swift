// PerchRegex: regular expressions that come from outside, in linear time.
//
// Patterns of label matchers, rules and searches are RE2's syntax and run on RE2, or on a plainer
// way where the pattern is only a word, a prefix or a list of words. No other engine of the
// package touches a pattern from outside.
//
// Read in this order: Regex, RE2Program, PatternNode, PatternParser, Glob, Strategy,
// RegexTemplate, Regex+Expand.
//
// Invariants
//   1. Time grows with the text and memory is bounded, whatever the pattern.
//   2. A quicker way answers exactly as RE2 does, on all text that is UTF-8.
//   3. RE2 has taken a pattern before anything else reads it.
