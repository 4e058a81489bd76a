import PerchModel

/// Takes attributes whose maps have been flattened.
protocol AttributeSink {
    /// How many attributes were read since the sink was last reset.
    var taken: Int { get set }
    /// How many were left out for a limit.
    var dropped: Int { get set }

    /// Takes an attribute.
    ///
    /// `name` is UTF-8 and not empty; `value` is not absent, and a map only when it is empty or too
    /// deep to flatten.
    mutating func take(
        _ bytes: Span<UInt8>, name: Span<UInt8>, value: AnyValue
    ) throws(WireFailure)
}

extension AttributeSink {
    /// Reads one `KeyValue` and hands it on; a map becomes one attribute an entry, with the
    /// names joined by dots.
    mutating func read(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(WireFailure) {
        // What is over the limit is not even looked at.
        guard taken < Limits.maxAttributes else {
            dropped += 1
            return
        }
        let pair = try KeyValue.read(bytes, range)
        let key = bytes.extracting(pair.key)
        // Fast path: no map, and a key as keys are.
        if case .map(let entries) = pair.value, !entries.isEmpty {
            var path = Array(key)
            try flatten(bytes, &path, entries, depth: 1)
        } else if UTF8Check.isASCII(key) {
            try offer(bytes, name: key, value: pair.value)
        } else {
            let repaired = UTF8Check.repaired(Array(key))
            try offer(bytes, name: repaired.span, value: pair.value)
        }
    }

    /// Takes the entries of a map under `path`, which is the same again afterwards.
    private mutating func flatten(
        _ bytes: Span<UInt8>, _ path: inout [UInt8], _ entries: Range<Int>, depth: Int
    ) throws(WireFailure) {
        guard depth <= Limits.maxDepth, path.count <= Limits.maxKeyBytes else {
            dropped += 1
            return
        }
        let prefix = path.count
        var cursor = ProtoCursor(entries)
        while let tag = try cursor.tag(bytes) {
            guard tag == 0x0a else {
                try cursor.skip(bytes, tag: tag)
                continue
            }
            let entry = try cursor.range(bytes)
            guard taken < Limits.maxAttributes else {
                dropped += 1
                continue
            }
            let pair = try KeyValue.read(bytes, entry)
            if prefix > 0 { path.append(UInt8(ascii: ".")) }
            path.append(bytes.extracting(pair.key))
            if case .map(let entries) = pair.value, !entries.isEmpty {
                try flatten(bytes, &path, entries, depth: depth + 1)
            } else if UTF8Check.isASCII(path.span) {
                try offer(bytes, name: path.span, value: pair.value)
            } else {
                try offer(bytes, name: UTF8Check.repaired(path).span, value: pair.value)
            }
            path.removeLast(path.count - prefix)
        }
    }

    /// Applies the limits.
    private mutating func offer(
        _ bytes: Span<UInt8>, name: Span<UInt8>, value: AnyValue
    ) throws(WireFailure) {
        // An attribute without a value is not kept, but counts: reading its name took time.
        if case .none = value {
            taken += 1
            return
        }
        guard !name.isEmpty, name.count <= Limits.maxKeyBytes, taken < Limits.maxAttributes else {
            dropped += 1
            return
        }
        taken += 1
        try take(bytes, name: name, value: value)
    }
}
