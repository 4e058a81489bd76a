import Logging

/// A value of a line: what metadata say, in a form that is cheap to hand on.
enum LogValue: Sendable {
    case text(String)
    case int(Int64)
    case unsigned(UInt64)
    case double(Double)
    case flag(Bool)
    /// An array or a map.
    indirect case nested(Logger.MetadataValue)

    /// A value that holds no secret and is not too large.
    init(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .stringConvertible(let convertible):
            self = LogValue(plain: convertible) ?? .text(convertible.description)
        case .array, .dictionary: self = .nested(value)
        }
    }

    /// A number or truth value, which holds no secret and stays what it is; nil for anything else,
    /// which is text.
    init?(plain value: any CustomStringConvertible & Sendable) {
        // Types are compared first: a cast that fails costs more than all of this.
        let type = ObjectIdentifier(type(of: value))
        if type == ObjectIdentifier(Int.self), let number = value as? Int {
            self = .int(Int64(number))
        } else if type == ObjectIdentifier(Double.self), let number = value as? Double {
            self = .double(number)
        } else if type == ObjectIdentifier(Bool.self), let flag = value as? Bool {
            self = .flag(flag)
        } else if type == ObjectIdentifier(Int64.self), let number = value as? Int64 {
            self = .int(number)
        } else if type == ObjectIdentifier(UInt64.self), let number = value as? UInt64 {
            self = .unsigned(number)
        } else if type == ObjectIdentifier(Int32.self), let number = value as? Int32 {
            self = .int(Int64(number))
        } else if type == ObjectIdentifier(UInt32.self), let number = value as? UInt32 {
            self = .int(Int64(number))
        } else if type == ObjectIdentifier(Float.self), let number = value as? Float {
            self = .double(Double(number))
        } else {
            return nil
        }
    }

    /// The value as swift-log has it.
    var metadata: Logger.MetadataValue {
        switch self {
        case .text(let text): .string(text)
        case .int(let number): .stringConvertible(number)
        case .unsigned(let number): .stringConvertible(number)
        case .double(let number): .stringConvertible(number)
        case .flag(let flag): .stringConvertible(flag)
        case .nested(let value): value
        }
    }

    /// The value for people.
    var description: String {
        switch self {
        case .text(let text): text
        case .int(let number): number.description
        case .unsigned(let number): number.description
        case .double(let number): number.description
        case .flag(let flag): flag.description
        case .nested(let value): value.description
        }
    }
}
