// PerchWireTests: recorded requests against counts made by other decoders, rules of the protocols
// one by one, fast paths against their plain forms, and damaged input.
