// RepositoryTests: the house rules that a compiler and a formatter cannot see.
//
// Each rule is a pure function from files to findings, so that it is tried twice: on the tree, where
// it must find nothing, and on a bad example, where it must find something.
//
// Read in this order: SourceFile, CodeText, Finding; then a file a rule.
//
// Lists of exceptions may only shrink: a rule also complains about an exception that no longer
// applies.
