// PerchLogQLTests: the search language, by rows of text and predicate.
