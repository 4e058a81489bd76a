// PerchRegex: regular expressions that come from outside, in linear time.
//
// Patterns of label matchers, rules and searches are RE2's syntax and run on RE2, or on a plainer
// way where the pattern is only a word, a prefix or a list of words. No other engine of the
// package touches a pattern from outside.
//
// Invariants
//   1. Time grows with the text and memory is bounded, whatever the pattern.
//   2. A quicker way answers exactly as RE2 does.
