import PerchModel

/// Takes attributes whose maps have been flattened.
protocol AttributeSink {
    /// How many attributes were taken since the sink was last reset.
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
        let pair = try KeyValue.read(bytes, range)
        let key = bytes.extracting(pair.key)
        // Fast path: no map, and a key as keys are.
        if case .map(let entries) = pair.value, !entries.isEmpty {
            try flatten(bytes, path: Array(bytes.extracting(pair.key)), entries, depth: 1)
        } else if UTF8Check.isASCII(key) {
            try offer(bytes, name: key, value: pair.value)
        } else {
            let repaired = UTF8Check.repaired(Array(bytes.extracting(pair.key)))
            try offer(bytes, name: repaired.span, value: pair.value)
        }
    }

    private mutating func flatten(
        _ bytes: Span<UInt8>, path: [UInt8], _ entries: Range<Int>, depth: Int
    ) throws(WireFailure) {
        guard depth <= Limits.maxDepth, path.count <= Limits.maxKeyBytes else {
            dropped += 1
            return
        }
        var cursor = ProtoCursor(entries)
        while let tag = try cursor.tag(bytes) {
            guard tag == 0x0a else {
                try cursor.skip(bytes, tag: tag)
                continue
            }
            let pair = try KeyValue.read(bytes, try cursor.range(bytes))
            var inner = path
            if !inner.isEmpty { inner.append(UInt8(ascii: ".")) }
            inner.append(contentsOf: Array(bytes.extracting(pair.key)))
            if case .map(let entries) = pair.value, !entries.isEmpty {
                try flatten(bytes, path: inner, entries, depth: depth + 1)
            } else {
                let name = UTF8Check.isASCII(inner.span) ? inner : UTF8Check.repaired(inner)
                try offer(bytes, name: name.span, value: pair.value)
            }
        }
    }

    /// Applies the limits.
    private mutating func offer(
        _ bytes: Span<UInt8>, name: Span<UInt8>, value: AnyValue
    ) throws(WireFailure) {
        if case .none = value { return }
        guard !name.isEmpty, name.count <= Limits.maxKeyBytes, taken < Limits.maxAttributes else {
            dropped += 1
            return
        }
        taken += 1
        try take(bytes, name: name, value: value)
    }
}
