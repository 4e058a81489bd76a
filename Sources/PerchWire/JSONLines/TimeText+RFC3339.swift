extension TimeText {
    /// Nanoseconds since 1970 of a time such as `2026-01-02T03:04:05.678Z`; nil for other text.
    package static func rfc3339(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.contains(UInt8(ascii: "-")), bytes.contains(UInt8(ascii: ":")) else {
            return nil
        }
        return parse(bytes, bytes.indices)
    }
}
