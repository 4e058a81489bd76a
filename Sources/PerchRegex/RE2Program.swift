import CPerchRE2

/// A compiled pattern of RE2: the one place that talks to it.
///
/// Safe: the pointer never leaves, and lives as long as the object.
@safe final class RE2Program: Sendable {
    // Safe: the pointer is set once and freed in `deinit`; RE2's matching functions may be called
    // from any number of threads (re2.h, "RE2 is thread-safe").
    private nonisolated(unsafe) let program: OpaquePointer
    /// How many capturing groups there are, group 0 not counted.
    let groupCount: Int
    /// The names by group, group 0 first; nil where there is none.
    let groupNames: [String?]

    init(_ pattern: [UInt8], dotMatchesNewline: Bool, memory: Int) throws(RegexFailure) {
        var error = [CChar](repeating: 0, count: Limits.errorByteCountMax)
        // Safe: both pointers are those of live arrays, used within the closures only.
        let made = unsafe pattern.withUnsafeBytes { source -> OpaquePointer? in
            let text = unsafe source.baseAddress?.assumingMemoryBound(to: CChar.self)
            return unsafe error.withUnsafeMutableBufferPointer { target in
                unsafe perch_re2_new(
                    text, source.count, Int64(memory), dotMatchesNewline, target.baseAddress,
                    target.count)
            }
        }
        guard let made = unsafe made else {
            let text = error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw RegexFailure(message: String(decoding: text, as: UTF8.self))
        }
        // Safe: just made.
        let groups = unsafe Int(perch_re2_group_count(made))
        // Safe: as above.
        groupNames = [nil] + (0..<groups).map { unsafe Self.name(made, group: $0 + 1) }
        groupCount = groups
        unsafe program = made
    }

    deinit {
        // Safe: nobody else frees it.
        unsafe perch_re2_delete(program)
    }

    private static func name(_ program: OpaquePointer, group: Int) -> String? {
        var bytes = [CChar](repeating: 0, count: Limits.errorByteCountMax)
        // Safe: the pointer is that of a live array and its count is given.
        let count = unsafe bytes.withUnsafeMutableBufferPointer { target in
            unsafe perch_re2_group_name(program, Int32(group), target.baseAddress, target.count)
        }
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether the pattern matches; `isAnchored` asks that it spans the whole text.
    func matches(_ text: Span<UInt8>, isAnchored: Bool) -> Bool {
        // Safe: the pointer covers the span and does not outlive the call; no group is asked for.
        unsafe text.withUnsafeBytes { source in
            let bytes = unsafe source.baseAddress?.assumingMemoryBound(to: CChar.self)
            return unsafe perch_re2_match(program, bytes, source.count, 0, isAnchored, nil, 0)
        }
    }

    /// The first match from an offset on, which must be within the text.
    func match(_ text: Span<UInt8>, from start: Int, isAnchored: Bool) -> RegexMatch? {
        guard start >= 0, start <= text.count else { return nil }
        var offsets = [Int64](repeating: -1, count: 2 * (groupCount + 1))
        // Safe: both pointers are live for the call, and `offsets` has two places for each group.
        let isFound = unsafe text.withUnsafeBytes { source in
            let bytes = unsafe source.baseAddress?.assumingMemoryBound(to: CChar.self)
            return unsafe offsets.withUnsafeMutableBufferPointer { target in
                unsafe perch_re2_match(
                    program, bytes, source.count, start, isAnchored, target.baseAddress,
                    Int32(groupCount + 1))
            }
        }
        return isFound ? RegexMatch(offsets: offsets) : nil
    }
}

/// Bytes within bytes.
enum Needle {
    /// Where `needle` first stands in `text` from `start` on, or nil.
    static func find(_ needle: [UInt8], in text: Span<UInt8>, from start: Int) -> Int? {
        guard start <= text.count else { return nil }
        // Safe: both pointers are live for the call, and `start` is within the text.
        let place = unsafe text.withUnsafeBytes { source in
            unsafe needle.withUnsafeBytes { wanted in
                let from = unsafe source.baseAddress?.assumingMemoryBound(to: CChar.self)
                return unsafe perch_re2_find(
                    from.map { unsafe $0 + start }, source.count - start,
                    wanted.baseAddress?.assumingMemoryBound(to: CChar.self), wanted.count)
            }
        }
        return place < 0 ? nil : start + Int(place)
    }
}

extension String {
    /// Gives the string's UTF-8 as a span.
    func withByteSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        var text = self
        // Safe: the span is used within the closure, as long as the buffer lives.
        return text.withUTF8 { buffer in
            unsafe body(Span(_unsafeElements: buffer))
        }
    }
}
