// The one file that reaches the platform's C library, for functions that the standard library lacks.
#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Functions of real numbers.
enum Mathematics {
    static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
    /// What is left of a division, with the sign of the dividend.
    static func remainder(_ value: Double, _ divisor: Double) -> Double { fmod(value, divisor) }
    static func logarithm(_ value: Double) -> Double { log(value) }
}
