/// A number or truth value of metadata: it holds no secret and stays what it is.
enum PlainValue: Sendable {
    case int(Int64)
    case unsigned(UInt64)
    case double(Double)
    case flag(Bool)

    /// Nil for anything else, which is text.
    init?(_ value: any CustomStringConvertible & Sendable) {
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
}
