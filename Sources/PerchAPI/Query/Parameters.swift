import HTTPTypes

/// Query parameters, read strictly: what does not read is an error that names the parameter.
enum Parameters {
    static func integer(_ text: Substring?, _ name: String, default: Int64) throws -> Int64 {
        guard let text else { return `default` }
        guard let value = Int64(text) else {
            throw Problem(.badRequest, "\(name): expected an integer, got \"\(text)\"")
        }
        return value
    }

    static func nanos(_ text: Substring?, _ name: String, default: Int64) throws -> Int64 {
        try integer(text, name, default: `default`)
    }

    /// A row limit; 0 means no limit.
    static func limit(_ text: Substring?, default: Int) throws -> Int? {
        let value = try integer(text, "limit", default: Int64(`default`))
        guard value >= 0, value <= Int64(Int32.max) else {
            throw Problem(.badRequest, "limit: expected 0 to \(Int32.max), got \(value)")
        }
        return value == 0 ? nil : Int(value)
    }
}
