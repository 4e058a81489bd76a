extension [UInt8] {
    /// Appends an integer as decimal digits, without a string in between.
    package mutating func append(decimal value: Int64) {
        var rest = value.magnitude
        if value < 0 { append(UInt8(ascii: "-")) }
        guard rest >= 10 else {
            append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest))
            return
        }
        var count = 0
        var probe = rest
        while probe > 0 {
            probe /= 10
            count += 1
        }
        let start = self.count
        for _ in 0..<count { append(0) }
        var place = start + count
        while rest > 0 {
            place -= 1
            self[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}
