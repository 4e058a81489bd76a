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
    static func arcTangent(_ y: Double, _ x: Double) -> Double { atan2(y, x) }
    static func powerOfTwo(_ exponent: Double) -> Double { exp2(exponent) }
    static func logarithm2(_ value: Double) -> Double { log2(value) }

    /// What a function of the language makes of a number, where that is all it does.
    static func simple(_ function: Function) -> ((Double) -> Double)? {
        switch function {
        case .abs: { $0.magnitude }
        case .ceil: { $0.rounded(.up) }
        case .floor: { $0.rounded(.down) }
        case .sqrt: { $0.squareRoot() }
        case .exp: { exp($0) }
        case .ln: { log($0) }
        case .log2: { log2($0) }
        case .log10: { log10($0) }
        case .sin: { sin($0) }
        case .cos: { cos($0) }
        case .tan: { tan($0) }
        case .asin: { asin($0) }
        case .acos: { acos($0) }
        case .atan: { atan($0) }
        case .sinh: { sinh($0) }
        case .cosh: { cosh($0) }
        case .tanh: { tanh($0) }
        case .asinh: { asinh($0) }
        case .acosh: { acosh($0) }
        case .atanh: { atanh($0) }
        case .rad: { $0 * .pi / 180 }
        case .deg: { $0 * 180 / .pi }
        case .sgn: { $0 < 0 ? -1 : ($0 > 0 ? 1 : $0) }
        default: nil
        }
    }
}
