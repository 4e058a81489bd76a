/// Comparisons whose time does not depend on what is compared.
package enum ConstantTime {
    /// Whether both are the same bytes.
    ///
    /// Only the lengths can be learned from the time it takes.
    @inline(never)
    package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices {
            difference |= left[index] ^ right[index]
        }
        return difference == 0
    }
}
