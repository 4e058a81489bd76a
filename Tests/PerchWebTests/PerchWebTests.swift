// PerchWebTests: golden pages from fixed values, hostile values, what a content security policy
// refuses, and queries with known answers.
//
// Golden pages are recorded again by PERCH_RECORD=1; their diff is part of a review.
