/// How a body is compressed: the values of `Content-Encoding` that are understood.
package enum ContentEncoding: String, Sendable, CaseIterable {
    case identity
    case gzip
    case deflate
    case zstd
    /// The block format, as Prometheus' remote write has it.
    case snappy

    /// Reads the header's value; nil for an encoding that is not known, to be answered with 415.
    ///
    /// An absent or empty header is ``identity``. Names match in either case (RFC 9110, section
    /// 8.4.1), `x-gzip` is `gzip`. A list of several encodings is not understood.
    package init?(header: String?) {
        let name = (header ?? "").lowercased().filter { $0 != " " && $0 != "\t" }
        switch name {
        case "": self = .identity
        case "x-gzip": self = .gzip
        default: self.init(rawValue: name)
        }
    }
}
