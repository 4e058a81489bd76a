import PerchModel

extension BinaryOperator {
    /// The operation between two scalars; a comparison is 1 or 0.
    func scalar(_ left: Double, _ right: Double) -> Double {
        if isComparison { return compare(left, right) ? 1 : 0 }
        return arithmetic(left, right)
    }

    @inline(__always)
    func arithmetic(_ left: Double, _ right: Double) -> Double {
        switch self {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: left / right
        case .power: Mathematics.power(left, right)
        case .modulo: Mathematics.remainder(left, right)
        case .arcTangent: Mathematics.arcTangent(left, right)
        default: .nan
        }
    }

    @inline(__always)
    func compare(_ left: Double, _ right: Double) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        default: false
        }
    }
}

/// A sample of either kind.
enum Operand {
    case float(Double)
    case histogram(NativeHistogram)

    var kind: String {
        switch self {
        case .float: "float"
        case .histogram: "histogram"
        }
    }
}

/// An operation between two samples, with what is to be said about it.
struct SampleOperation {
    enum Result {
        /// The value, and whether a comparison keeps it.
        case value(Operand, isKept: Bool)
        /// The samples do not go together.
        case none
    }

    let operation: BinaryOperator
    let place: SourceRange
    private(set) var annotations = Annotations()
    private var said: Set<[String]> = []

    init(operation: BinaryOperator, place: SourceRange) {
        self.operation = operation
        self.place = place
    }

    mutating func apply(_ left: Operand, _ right: Operand) -> Result {
        switch (left, right) {
        case (.float(let a), .float(let b)):
            if operation.isComparison {
                return .value(left, isKept: operation.compare(a, b))
            }
            if operation.isTrim { return incompatible(left, right) }
            return .value(.float(operation.arithmetic(a, b)), isKept: true)
        case (.float(let factor), .histogram(var histogram)):
            guard operation == .multiply else { return incompatible(left, right) }
            histogram.multiply(by: factor)
            histogram.compact()
            return .value(.histogram(histogram), isKept: true)
        case (.histogram(var histogram), .float(let number)):
            switch operation {
            case .multiply: histogram.multiply(by: number)
            case .divide: histogram.divide(by: number)
            case .trimUpper:
                return .value(
                    .histogram(histogram.trimmed(at: number, keepsLower: true)), isKept: true)
            case .trimLower:
                return .value(
                    .histogram(histogram.trimmed(at: number, keepsLower: false)), isKept: true)
            default: return incompatible(left, right)
            }
            histogram.compact()
            return .value(.histogram(histogram), isKept: true)
        case (.histogram(let a), .histogram(let b)): return apply(a, b)
        }
    }

    private mutating func apply(_ left: NativeHistogram, _ right: NativeHistogram) -> Result {
        switch operation {
        case .equal, .notEqual:
            let isSame = left.isSame(as: right)
            return .value(.histogram(left), isKept: isSame == (operation == .equal))
        case .add, .subtract:
            var result = left
            let isAddition = operation == .add
            guard let outcome = isAddition ? result.add(right) : result.subtract(right) else {
                annotations.add(
                    .warning,
                    "incompatible bucket layout encountered for binary operator "
                        + operation.rawValue, place)
                return .none
            }
            let name = isAddition ? HistogramOperation.addition : .subtraction
            if !isAddition { result.resetHint = .gauge }
            if outcome.hasResetCollision {
                annotations.add(.warning, name.collisionText, place)
            }
            if outcome.hasReconciledBounds { annotations.add(.info, name.reconciledText, place) }
            result.compact()
            return .value(.histogram(result), isKept: true)
        default: return incompatible(.histogram(left), .histogram(right))
        }
    }

    private mutating func incompatible(_ left: Operand, _ right: Operand) -> Result {
        // It comes again at each step.
        guard said.insert([left.kind, right.kind]).inserted else { return .none }
        let name = operation.rawValue
        annotations.add(
            .info,
            "incompatible sample types encountered for binary operator \"\(name)\": "
                + "\(left.kind) \(name) \(right.kind)", place)
        return .none
    }
}

extension StepSeries {
    /// The sample at a step, if there is one.
    func operand(_ step: Int) -> Operand? {
        if hasFloat(step) { return .float(values[step]) }
        return histogram(step).map { .histogram($0) }
    }

    mutating func set(_ operand: Operand, _ step: Int) {
        switch operand {
        case .float(let value): values[step] = value
        case .histogram(let histogram): set(histogram, step)
        }
    }
}
